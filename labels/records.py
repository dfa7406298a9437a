"""The codebook's records: frozen, checked by pydantic, and the same whatever the frames are."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

NO_FRAME = "none"  # what a passage without a frame is coded as; no frame may be called so

Pattern = Literal["solid", "diagonal", "dots", "crosshatch", "horizontal", "vertical", "rings"]
PATTERNS: tuple[Pattern, ...] = (
    "solid", "diagonal", "dots", "crosshatch", "horizontal", "vertical", "rings",
)  # fmt: skip
# Four of Okabe and Ito (2008) and a brown: each has 3:1 or more on white and on #1b1b1b, and with
# normal, protan, deutan or tritan sight any two lie at least 15 apart in CIELAB (simulated).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8C6D31")


def _one_line(text: str) -> str:
    """Join lines and composed characters, so that a hash depends on words and not on folding."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _as_list(value: Any) -> Any:
    """Let an author write one entry without the dash of a list."""
    return (value,) if isinstance(value, str | dict) else value


def _as_example(value: Any) -> Any:
    """Let an author write an example as bare text."""
    return {"text": value} if isinstance(value, str) else value


def _as_source(value: Any) -> Any:
    """Let an author write a source as bare text."""
    return {"citation": value} if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(_one_line), Field(min_length=1)]
OptionalText = Annotated[str, AfterValidator(_one_line)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
Identifiers = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Url = Annotated[str, Field(pattern=r"^https?://\S+$")]
Colour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
Keyword = Annotated[Text, Field(pattern=r"\w")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Record):
    """Where the frames come from."""

    citation: Text
    url: Url | None = None


class Resource(_Record):
    """Something to read about a frame, and why it is worth the time."""

    title: Text
    url: Url | None = None
    why: OptionalText = ""


class Example(_Record):
    """A passage with what it is coded: frame ids, or ``none`` alone; why, in a sentence."""

    text: Text
    why: OptionalText = ""
    coded: Identifiers = ()


Examples_ = Annotated[tuple[Annotated[Example, BeforeValidator(_as_example)], ...], BeforeValidator(_as_list)]


class Examples(_Record):
    """Passages that foreground a frame, and passages that only look like it."""

    positive: Examples_ = ()
    near_miss: Examples_ = ()


class LooksLike(_Record):
    """What a frame looks like in a document of each kind."""

    curriculum: OptionalText = ""
    policy: OptionalText = ""
    program: OptionalText = ""


class Frame(_Record):
    """One frame: what it claims, how to recognise it, and how charts draw it.

    ``number``, ``short_name``, ``colour`` and ``pattern`` are filled in where an author left them
    out, so whoever reads a loaded codebook finds them always. ``keywords`` are phrases in which
    ``*`` stands for any letters (see ``labels.keywords``).
    """

    id: Identifier
    name: Text
    definition: Text
    number: int = Field(default=0, ge=0)
    short_name: OptionalText = ""
    problem: OptionalText = ""
    action: OptionalText = ""
    success: OptionalText = ""
    include: Texts = ()
    exclude: Texts = ()
    looks_like: LooksLike = LooksLike()
    examples: Examples = Examples()
    keywords: Annotated[tuple[Keyword, ...], BeforeValidator(_as_list)] = ()
    colour: Colour | None = None
    pattern: Pattern | None = None
    resource: Resource | None = None


class CloseCall(_Record):
    """A decision coders get wrong: the frames it concerns, the rule, and an example on either side."""

    id: Identifier
    title: OptionalText = ""
    frames: Identifiers = ()
    rule: Text
    examples: Examples_ = ()


class NoFrame(_Record):
    """What a passage that foregrounds no frame looks like."""

    description: OptionalText = "No frame is foregrounded."
    include: Texts = ()
    examples: Examples_ = ()


class Codebook(_Record):
    """Everything a coder needs, and the only place that knows the frames.

    Load one with ``load_codebook``, which also checks what one entry says of another.
    """

    id: Identifier
    version: Text
    title: Text
    sources: Annotated[
        tuple[Annotated[Source, BeforeValidator(_as_source)], ...], BeforeValidator(_as_list)
    ] = ()
    licence: OptionalText = ""
    unit_of_coding: OptionalText = ""
    foregrounds: OptionalText = ""
    frames: tuple[Frame, ...]
    close_calls: Annotated[tuple[CloseCall, ...], BeforeValidator(_as_list)] = ()
    none: NoFrame = NoFrame()

    @field_validator("frames")
    @classmethod
    def _fill_in(cls, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
        """Give each frame what charts need; colours and patterns together repeat only after 35."""
        return tuple(
            frame.model_copy(
                update={
                    "number": frame.number or position + 1,
                    "short_name": frame.short_name or frame.name,
                    "colour": frame.colour or COLOURS[position % len(COLOURS)],
                    "pattern": frame.pattern or PATTERNS[position % len(PATTERNS)],
                }
            )
            for position, frame in enumerate(frames)
        )

    @property
    def frame_ids(self) -> tuple[str, ...]:
        """The frames' ids in the codebook's order."""
        return tuple(frame.id for frame in self.frames)

    @property
    def hash(self) -> str:
        """SHA-256 of the content in 64 hex digits: the same for any layout, comments or key order."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode("utf-8")).hexdigest()

    def frame(self, frame_id: str) -> Frame:
        """Return the frame with this id; raises KeyError that names the ids there are."""
        for frame in self.frames:
            if frame.id == frame_id:
                return frame
        raise KeyError(
            f"no frame {frame_id!r} in codebook {self.id!r}, which has {', '.join(self.frame_ids)}"
        )

    def order(self, frame_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the ids once each in the codebook's order; raises KeyError on one it does not have."""
        wanted = {self.frame(frame_id).id for frame_id in frame_ids}
        return tuple(frame_id for frame_id in self.frame_ids if frame_id in wanted)


def known_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys an entry of this model may have."""
    return tuple(model.model_fields)
