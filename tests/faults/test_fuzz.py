"""Sound files with bytes changed at random: a reader gives a reading or says what is wrong, and nothing else."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from pipeline.contained import ReadingWorkers
from pipeline.errors import UnreadableDocumentError
from pipeline.find import Found
from pipeline.limits import Limits
from pipeline.read import ReadOptions
from pipeline.readers import READERS, ROW_READERS, true_suffix
from pipeline.records import Skipped
from pipeline.stored import READ
from tests.faults.whole import members, whole, zipped

# Pieces that mean something to a reader: structure, references, numbers at the ends of their ranges.
TOKENS = (
    b"", b"\x00", b"\xff\xff\xff\xff", b"-1", b"0", b"2147483648", b"99999999999999999999", b"1e999", b"NaN",
    b"<", b">", b"</", b"<!--", b"<![CDATA[", b"&", b"&a;", b'"', b"'", b"{", b"}", b"[", b"]", b"(", b")",
    b"\\", b"\\u", b"\\bin9", b"<<", b">>", b" 0 R", b"obj", b"endstream", b"PK\x03\x04", b"\n", b"\r\n", b"\t",
    b"|", b"#", b"---\n", b"```", b"\xc3", b"\xed\xa0\x80", b"\xfe\xff", b"%", b"id=", b"r:id", b"xmlns:",
)  # fmt: skip
ZIPPED = (".docx", ".pptx", ".xlsx", ".odt", ".ods", ".epub")
EVERY = sorted((*READERS, *ROW_READERS))

edit = st.tuples(
    st.sampled_from(("flip", "cut", "copy", "put")),
    st.integers(0, 1 << 20),
    st.integers(0, 400),
    st.integers(0, 1 << 20),
    st.sampled_from(TOKENS),
)
edits = st.lists(edit, min_size=1, max_size=6)


def changed(data: bytes, made: list[tuple[str, int, int, int, bytes]]) -> bytes:
    out = bytearray(data)
    for what, where, length, other, token in made:
        place = where % (len(out) + 1)
        if what == "flip" and out:
            out[place % len(out)] ^= 1 << (length % 8)
        elif what == "cut":
            del out[place : place + length]
        elif what == "copy":
            start = other % (len(out) + 1)
            out[place:place] = out[start : start + length]
        else:
            out[place : place + len(token)] = token
    return bytes(out)


def changed_inside(suffix: str, which: int, made: list[tuple[str, int, int, int, bytes]]) -> bytes:
    """Change what is in the container and pack it again, so that the change gets past the unpacking."""
    data = whole()[suffix]
    if suffix in ZIPPED:
        parts = members(data)
        name = sorted(parts)[which % len(parts)]
        if made[0][1] % 20 == 0:
            del parts[name]
        else:
            parts[name] = changed(parts[name], made)
        return zipped(parts)
    if suffix == ".pdf":
        head, mark, rest = data.partition(b"stream\r\n" if b"stream\r\n" in data else b"stream\n")
        body, end, tail = rest.partition(b"endstream")
        try:
            inner = zlib.decompress(body)
        except zlib.error:
            inner = body
        return head + mark + zlib.compress(changed(inner, made)) + end + tail
    return changed(data, made)


class Fuzzed:
    """Reads bytes as one format in a worker, where a crash does no harm, and says what came of it."""

    def __init__(self, folder: Path, crew: ReadingWorkers) -> None:
        self.folder, self.crew = folder, crew

    def check(self, suffix: str, data: bytes) -> None:
        path = self.folder / f"x{suffix}"
        path.write_bytes(data)
        with contextlib.suppress(UnreadableDocumentError):
            true_suffix(path)  # where it refuses, no run would read the file; the reader must live with it
        (read,) = self.crew.read([(Found(path, path.name, suffix), ReadOptions())])
        READ.dump_json(read.results)  # as the run keeps them
        for result in read.results:
            if isinstance(result, Skipped):
                assert "report this" not in result.remedy, result.found
                assert "broke down" not in result.found, result.found
                assert "longer than a file" not in result.found, result.found


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory) -> Iterator[Fuzzed]:
    with ReadingWorkers(limits=Limits(seconds=60.0), workers=1) as crew:
        yield Fuzzed(tmp_path_factory.mktemp("fuzz"), crew)


def gently(examples: int):
    """The same examples every time, and no search for smaller ones: each costs a reading."""

    def wrap(test):
        bounded = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        return seed(5)(bounded(test))

    return wrap


@pytest.mark.parametrize("suffix", EVERY)
def test_there_is_a_sound_file_to_begin_with(fuzzed, suffix):
    path = fuzzed.folder / f"sound{suffix}"
    path.write_bytes(whole()[suffix])
    assert true_suffix(path) == (suffix, None)
    (read,) = fuzzed.crew.read([(Found(path, path.name, suffix), ReadOptions())])
    assert not any(isinstance(result, Skipped) for result in read.results), read.results[:1]


@pytest.mark.parametrize("suffix", EVERY)
@gently(40)
@given(which=st.integers(0, 100), outside=st.booleans(), made=edits)
def test_a_changed_file_is_read_or_refused(fuzzed, suffix, which, outside, made):
    fuzzed.check(suffix, changed(whole()[suffix], made) if outside else changed_inside(suffix, which, made))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", EVERY)
@gently(2000)
@given(which=st.integers(0, 100), outside=st.sampled_from((False, False, True)), made=edits)
def test_two_thousand_changed_files_are_read_or_refused(fuzzed, suffix, which, outside, made):
    fuzzed.check(suffix, changed(whole()[suffix], made) if outside else changed_inside(suffix, which, made))


@pytest.mark.parametrize("suffix", EVERY)
@gently(25)
@given(data=st.binary(max_size=2000))
def test_noise_is_read_or_refused(fuzzed, suffix, data):
    fuzzed.check(suffix, data)
