"""Codebooks with mistakes: the exact words a user reads, and all mistakes at once."""

import pickle
import re
from pathlib import Path

import pytest

from labels.codebook import CodebookError, check_codebook, load_codebook

HEAD = "id: mine\nversion: 1\ntitle: Mine\nframes:\n"
ONE = "  - id: one\n    name: One\n    definition: The first.\n"
TWO = "  - id: two\n    name: Two\n    definition: The second.\n"
GOOD = HEAD + ONE + TWO
CALL = "close_calls:\n  - id: c\n    frames: [one, two]\n    rule: Decide.\n"
ID_RULE = "Begin with a lower-case letter; use only a to z, 0 to 9, - and _ behind it, 40 characters at most."
NO_KEY = (
    ", line 1: the file does not begin with a key. Write `key: value` lines: id, version, title and frames."
)
FRAME_KEYS = (
    "Write `key: value` lines: id, name, definition, number, short_name, problem, action, success,"
    " include, exclude, looks_like, examples, keywords, colour, pattern, resource"
)

# name: (file, what the error says behind "FILE", one line a problem)
BROKEN = {
    "empty": ("", ": the file is empty. Give it id, version, title and frames."),
    "only comments": ("# soon\n", ": the file is empty. Give it id, version, title and frames."),
    "plain text": (
        "Our frames\n",
        NO_KEY,
    ),
    "a list": (
        "- one\n",
        NO_KEY,
    ),
    "not UTF-8": (
        GOOD.replace("first", "cafè").encode("cp1252"),
        ", line 7: the byte 0xe8 is not UTF-8 text. Save the file again as UTF-8.",
    ),
    "UTF-16": (
        GOOD.encode("utf-16"),
        ", line 1: the byte 0xff is not UTF-8 text. Save the file again as UTF-8.",
    ),
    "colon in text": (
        GOOD.replace("name: One", "name: One: more"),
        (
            ", line 6: this is not valid YAML (mapping values are not allowed here)."
            " Put quotes around text that holds a colon and a space."
        ),
    ),
    "tab": (
        GOOD.replace("    name: One", "\tname: One"),
        (
            ", line 6: this is not valid YAML (found character '\\t' that cannot start any token)."
            " Indent with spaces instead of tabs."
        ),
    ),
    "open quote": (
        GOOD.replace("title: Mine", 'title: "Mine'),
        ", line 3: this is not valid YAML (found unexpected end of stream). Close the quotation marks.",
    ),
    "two documents": (
        GOOD + "---\n" + GOOD,
        (
            ", line 11: this is not valid YAML (but found another document)."
            " Remove the line `---`: a file holds one codebook."
        ),
    ),
    "control character": (
        GOOD.replace("first", "fi\x07rst"),
        ", line 7: there is a control character in the text. Remove it, or write the text again.",
    ),
    "alias": (
        GOOD.replace("title: Mine", "title: &t Mine").replace("name: Two", "name: *t"),
        ", line 9: the alias *t is used. Write the entries out in full and flat instead.",
    ),
    "very deep": (
        GOOD + "none: " + "[" * 5000 + "]" * 5000,
        ", line 11: entries are nested more than 20 deep. Write the entries out in full and flat instead.",
    ),
    "missing at the top": (
        "id: mine\ntitle: Mine\nframe: one\n",
        (
            ", line 1: `frames` is missing. Add 2 to 20 frames, each with id, name and definition.\n"
            ", line 1: `version` is missing. Add a version such as `1.0`.\n"
            ", line 3: `frame` is not a key that belongs here. Write `frames` if that is what you mean."
        ),
    ),
    "missing in a frame": (
        HEAD + ONE + "  - id: two\n    definition: The second.\n",
        ", line 8: `frames[1].name` is missing. Add the name readers will see.",
    ),
    "left empty": (
        GOOD.replace("name: Two", "name:"),
        ", line 9: `frames[1].name` is empty. Add the name readers will see.",
    ),
    "empty quotes": (
        GOOD.replace("name: Two", "name: '  '"),
        ", line 9: `frames[1].name` is empty. Write a few words, or leave the entry out.",
    ),
    "empty list entry": (
        GOOD + "    include:\n      - \n",
        ", line 12: `frames[1].include[0]` is empty. Write a few words, or leave the entry out.",
    ),
    "unknown key, near": (
        GOOD.replace("    name: Two", "    name: Two\n    defintion: x"),
        (
            ", line 10: `frames[1].defintion` is not a key that belongs here."
            " Write `definition` if that is what you mean."
        ),
    ),
    "American spelling": (
        GOOD + "    color: '#0072B2'\nlicense: MIT\n",
        (
            ", line 11: `frames[1].color` is not a key that belongs here."
            " Write `colour` if that is what you mean.\n"
            ", line 12: `license` is not a key that belongs here. Write `licence` if that is what you mean."
        ),
    ),
    "unknown key, inside": (
        GOOD + "    looks_like:\n      xyz: none such\n",
        (
            ", line 12: `frames[1].looks_like.xyz` is not a key that belongs here."
            " Use one of: curriculum, policy, program."
        ),
    ),
    "duplicate key": (
        GOOD.replace("    name: Two", "    name: Two\n    name: Zwei"),
        ", line 10: `frames[1].name` is given twice (first on line 9). Keep one of the two.",
    ),
    "duplicate id": (
        GOOD.replace("id: two", "id: one"),
        ", line 8: `frames[1].id` is 'one', as on line 5. Give each frame an id of its own.",
    ),
    "bad ids": (
        GOOD.replace("id: one", "id: One").replace("id: two", "id: 2nd frame"),
        (
            f", line 5: `frames[0].id` is 'One', which is no id. {ID_RULE}\n"
            f", line 8: `frames[1].id` is '2nd frame', which is no id. {ID_RULE}"
        ),
    ),
    "long id": (
        GOOD.replace("id: one", "id: " + "o" * 41),
        f", line 5: `frames[0].id` is '{'o' * 41}', which is no id. {ID_RULE}",
    ),
    "reserved id": (
        GOOD.replace("id: two", "id: none"),
        ", line 8: `frames[1].id` is 'none', which means that no frame is foregrounded. Choose another id.",
    ),
    "one frame": (
        HEAD + ONE,
        ", line 4: `frames` is a list of 1. Write 2 to 20 frames, or nothing can be told apart.",
    ),
    "21 frames": (
        HEAD + "".join(f"  - {{id: f{i}, name: F, definition: D.}}\n" for i in range(21)),
        ", line 4: `frames` is a list of 21. Write 2 to 20 frames, or no chart can be read.",
    ),
    "frames as a mapping": (
        "id: mine\nversion: 1\ntitle: Mine\nframes:\n  one: The first.\n",
        ", line 4: `frames` is not a list. Write each entry on a line of its own behind a dash and a space.",
    ),
    "frames as words": (
        HEAD + "  - one\n  - two\n",
        "\n".join(
            f", line {5 + i}: `frames[{i}]` is not an entry with keys. {FRAME_KEYS}." for i in range(2)
        ),
    ),
    "frames without ids": (
        HEAD + 2 * "  - name: One\n    definition: The first.\n",
        (
            ", line 5: `frames[0].id` is missing. Add a short id such as `access`.\n"
            ", line 7: `frames[1].id` is missing. Add a short id such as `access`."
        ),
    ),
    "list for text": (
        GOOD.replace("title: Mine", "title: [Mine]"),
        ", line 3: `title` is not text. Write one line of text, in quotes if it begins with [ or {.",
    ),
    "bad number": (
        GOOD + "    number: two\n",
        (
            ", line 11: `frames[1].number` is 'two', not a whole number from 0."
            " Write a whole number, or leave the key out."
        ),
    ),
    "bad colour": (
        GOOD + "    colour: red\n",
        (
            ", line 11: `frames[1].colour` is 'red', which is no colour."
            " Write # and six hexadecimal digits, such as '#0072B2', in quotes."
        ),
    ),
    "bad pattern": (
        GOOD + "    pattern: zigzag\n",
        (
            ", line 11: `frames[1].pattern` is 'zigzag'. Use one of: 'solid', 'diagonal', 'dots',"
            " 'crosshatch', 'horizontal', 'vertical', 'rings'."
        ),
    ),
    "bad address": (
        GOOD + "    resource: {title: T, url: example.org}\n",
        ", line 11: `frames[1].resource.url` is 'example.org', which is no web address. Begin with https://.",
    ),
    "bare wildcard": (
        GOOD + "    keywords: ['*']\n",
        ", line 11: `frames[1].keywords[0]` is '*', which has no letter or digit. Write a word or phrase.",
    ),
    "close call on an unknown frame": (
        GOOD + CALL.replace("two]", "tow]"),
        (
            ", line 13: `close_calls[0].frames[1]` names 'tow', which is no frame of this codebook."
            " Write 'two' if that is what you mean."
        ),
    ),
    "near miss coded as an unknown frame": (
        GOOD + "    examples:\n      near_miss:\n        - {text: A., coded: zzz}\n",
        (
            ", line 13: `frames[1].examples.near_miss[0].coded` names 'zzz',"
            " which is no frame of this codebook."
            " Use one of: one, two, none."
        ),
    ),
    "near miss coded as its own frame": (
        GOOD + "    examples:\n      near_miss:\n        - {text: A., coded: [two]}\n",
        (
            ", line 13: `frames[1].examples.near_miss[0].coded` codes a near miss of 'two' as 'two'."
            " Move the example to `positive`, or say what it is coded instead."
        ),
    ),
    "none beside a frame": (
        GOOD + CALL + "    examples:\n      - {text: A., coded: [none, one]}\n",
        (
            ", line 16: `close_calls[0].examples[0].coded` has 'none' beside a frame."
            " Keep 'none' alone, or the frames."
        ),
    ),
    "close call twice": (
        GOOD + CALL + CALL.removeprefix("close_calls:\n"),
        ", line 15: `close_calls[1].id` is 'c', as on line 12. Give each close call an id of its own.",
    ),
}


def write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


@pytest.mark.parametrize(("content", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_codebook_says_where_and_what_to_do(tmp_path, content, said):
    path = write(tmp_path, content)
    whole = "\n".join(f"{path}{line}" for line in said.split("\n"))
    with pytest.raises(CodebookError, match=rf"\A{re.escape(whole)}\Z"):
        load_codebook(path)


@pytest.mark.parametrize(
    ("found", "content"),
    [
        ("there is no such file, and no codebook of this name comes with the package", None),
        ("this is a folder", "folder"),
    ],
)
def test_a_file_that_is_not_there(tmp_path, found, content):
    path = tmp_path / "gone" if content is None else tmp_path
    with pytest.raises(CodebookError, match=found):
        load_codebook(path)


def test_all_problems_come_at_once_in_the_order_of_their_lines(tmp_path):
    text = GOOD.replace("title: Mine", "titel: Mine").replace("id: two", "id: one").replace(
        "    name: Two\n", ""
    ).replace("The first.", "") + CALL.replace("rule: Decide.", "rule: [Decide]")
    with pytest.raises(CodebookError, match="titel") as caught:
        load_codebook(write(tmp_path, text))
    keys = [problem.key for problem in caught.value.problems]
    assert set(keys) == {
        "title", "titel", "frames[0].definition", "frames[1].id", "frames[1].name",
        "close_calls[0].frames[1]", "close_calls[0].rule",
    }  # fmt: skip
    lines = [problem.line for problem in caught.value.problems]
    assert lines == sorted(lines)
    assert len(str(caught.value).splitlines()) == len(keys)


def test_the_error_carries_its_parts_and_survives_pickling(tmp_path):
    path = write(tmp_path, GOOD.replace("name: Two", "name:").replace("name: One", "name:"))
    with pytest.raises(CodebookError, match="is empty") as caught:
        load_codebook(path)
    error = caught.value
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert (again.path, again.line, again.key, again.found) == (path, 6, "frames[0].name", "is empty")
    assert again.problems == error.problems
    assert len(again.problems) == 2
    assert str(again) == str(error)


def test_a_small_file_that_stands_for_gigabytes_is_refused_at_once(tmp_path):
    lines = ["id: mine", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(CodebookError, match=r"line 3: the alias \*a0 is used"):
        load_codebook(write(tmp_path, "\n".join(lines)))


# ── hints ───────────────────────────────────────────────────────────────────────────────────────


def test_the_shipped_codebook_needs_no_hint():
    assert check_codebook("nasem-2024") == []


def test_hints_for_a_bare_codebook_name_each_frame(tmp_path):
    hints = check_codebook(write(tmp_path, GOOD))
    assert hints[:2] == [
        "codebook: no sources. Readers cannot see where the frames come from.",
        "codebook: no close calls. Write down the decisions your coders argued about.",
    ]
    for frame in ("one", "two"):
        said = [hint for hint in hints if hint.startswith(f"{frame}: ")]
        about = ("under 8 words", "no problem", "no positive", "no near misses", "no keywords", "no resource")
        assert [next(a for a in about if a in hint) for hint in said] == list(about)


@pytest.mark.parametrize(
    ("one", "two", "hinted"),
    [
        ("Learners get what they need to learn.", "Learners get what they need to learn well.", True),
        ("Learners get what they need to learn.", "Pupils question who science is said to be for.", False),
    ],
)
def test_definitions_that_say_the_same_are_noticed(tmp_path, one, two, hinted):
    text = GOOD.replace("The first.", one).replace("The second.", two)
    hints = check_codebook(write(tmp_path, text))
    assert ("one and two: the definitions are nearly the same. Say what tells them apart." in hints) == hinted


def test_frames_that_charts_and_keywords_cannot_tell_apart_are_noticed(tmp_path):
    same = "    colour: '#0072B2'\n    pattern: dots\n    keywords: [Bus, a, b, c, d]\n"
    text = HEAD + ONE.replace("One", "Same") + same + TWO.replace("Two", "same") + same.replace("Bus", "bus")
    hints = "\n".join(check_codebook(write(tmp_path, text)))
    assert "one and two: both are called 'Same'." in hints
    assert "one and two: same colour and pattern." in hints
    assert "one and two: both have the keyword 'a'." in hints


def test_a_broken_codebook_gets_errors_and_not_hints(tmp_path):
    with pytest.raises(CodebookError, match="is a list of 1"):
        check_codebook(write(tmp_path, HEAD + ONE))
