"""A codebook as a page to read: what coders decide by, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labels.records import NO_FRAME, Codebook, Example, Frame

_KINDS = ("curriculum", "policy", "program")


def render_codebook(codebook: Codebook) -> str:
    """Write the codebook as Markdown: head, each frame in order, no frame, close calls."""
    return "\n".join(_lines(codebook)).rstrip() + "\n"


def _lines(codebook: Codebook) -> Iterator[str]:
    yield from (f"# {codebook.title}", "")
    yield f"Codebook `{codebook.id}`, version {codebook.version}, hash `{codebook.hash[:12]}`."
    yield ""
    for source in codebook.sources:
        yield f"- Source: {source.citation}" + (f" <{source.url}>" if source.url else "")
    if codebook.licence:
        yield f"- Licence: {codebook.licence}"
    yield ""
    yield from _paragraph("Unit of coding", codebook.unit_of_coding)
    yield from _paragraph("What foregrounding means", codebook.foregrounds)
    for frame in codebook.frames:
        yield from _frame(frame, codebook)
    yield from (f"## No frame (`{NO_FRAME}`)", "", codebook.none.description, "")
    yield from _bullets("Code here", codebook.none.include)
    yield from _examples("Examples", codebook.none.examples, codebook)
    if codebook.close_calls:
        yield from ("## Close calls", "")
    for number, call in enumerate(codebook.close_calls, 1):
        yield from (f"### {number}. {call.title or call.id}", "", call.rule, "")
        yield from _examples("", call.examples, codebook)


def _frame(frame: Frame, codebook: Codebook) -> Iterator[str]:
    yield from (f"## {frame.number}. {frame.name} (`{frame.id}`)", "", frame.definition, "")
    yield from _paragraph("The problem is", frame.problem)
    yield from _paragraph("The action is", frame.action)
    yield from _paragraph("Success is", frame.success)
    yield from _bullets("Code here", frame.include)
    yield from _bullets("Do not code here", frame.exclude)
    looks = [(kind, getattr(frame.looks_like, kind)) for kind in _KINDS]
    yield from _bullets("What it looks like", [f"In a {kind}: {text}" for kind, text in looks if text])
    yield from _examples("Examples", frame.examples.positive, codebook)
    yield from _examples("Near misses", frame.examples.near_miss, codebook)
    if frame.keywords:
        yield from _paragraph("Keywords", ", ".join(f"`{keyword}`" for keyword in frame.keywords))
    if frame.resource:
        where = f" <{frame.resource.url}>" if frame.resource.url else ""
        why = f": {frame.resource.why}" if frame.resource.why else ""
        yield from _paragraph("To learn more", f"{frame.resource.title}{where}{why}")


def _paragraph(label: str, text: str) -> Iterator[str]:
    if text:
        yield from (f"**{label}:** {text}", "")


def _bullets(label: str, texts: Iterable[str]) -> Iterator[str]:
    if listed := list(texts):
        yield from (f"**{label}:**", "", *(f"- {text}" for text in listed), "")


def _examples(label: str, examples: tuple[Example, ...], codebook: Codebook) -> Iterator[str]:
    if not examples:
        return
    if label:
        yield from (f"**{label}:**", "")
    for example in examples:
        yield f"- “{example.text}”" + _coded(example, codebook)
    yield ""


def _coded(example: Example, codebook: Codebook) -> str:
    names = {frame.id: frame.short_name for frame in codebook.frames} | {NO_FRAME: "no frame"}
    coded = " and ".join(names[frame_id] for frame_id in example.coded)
    said = ": ".join(part for part in (coded, example.why) if part)
    return f" → {said}" if said else ""
