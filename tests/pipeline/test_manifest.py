from __future__ import annotations

import pytest

from pipeline.errors import UnreadableDocumentError
from pipeline.manifest import read_manifest


def write(tmp_path, text):
    path = tmp_path / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_found_by_the_last_parts_of_the_path(tmp_path):
    manifest = read_manifest(
        write(tmp_path, "path,kind,title,year\na/plan.pdf,policy,The plan,2023\nplan.pdf,,,2024\n")
    )
    assert manifest.row("x/y/a/plan.pdf").metadata == {"year": "2023"}
    assert manifest.row("x/b/plan.pdf").metadata == {"year": "2024"}
    assert manifest.row("x/b/other-plan.pdf") is None
    assert (manifest.row("a/plan.pdf").kind, manifest.row("plan.pdf").kind) == ("policy", None)
    assert manifest.columns == ("year",)


def test_paths_nobody_asked_about_are_named(tmp_path):
    manifest = read_manifest(write(tmp_path, "path\na.pdf\nb.pdf\n"))
    manifest.row("a.pdf")
    assert manifest.unused() == ("b.pdf",)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("file,kind\na.pdf,policy\n", "no column 'path'; its columns are file, kind"),
        ("path\na.pdf\na.pdf\n", "line 3 names a.pdf again"),
        (
            "path,kind\na.pdf,law\n",
            "line 2 has the kind 'law'. Use one of curriculum, policy, program, other",
        ),
        ("", "cannot be read as a table"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_what_to_mend(tmp_path, text, match):
    with pytest.raises(UnreadableDocumentError, match=match):
        read_manifest(write(tmp_path, text))
