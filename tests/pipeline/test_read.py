from __future__ import annotations

import hashlib

from pipeline.find import find_files
from pipeline.manifest import read_manifest
from pipeline.read import ReadOptions, Twins, read_file
from pipeline.records import Document, Skipped

PROSE = "The district pays for a second bus so that pupils from the valley can stay for the robotics club. "


def read(tmp_path, options=None):
    found, skipped = find_files([tmp_path / "in"], tmp_path / "zip")
    given = options or (lambda found: ReadOptions())
    results = [r for f in found for r in read_file(f, given(f)).results]
    return [r for r in results if isinstance(r, Document)], [
        *skipped,
        *(r for r in results if isinstance(r, Skipped)),
    ]


def put(tmp_path, name, content):
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_ids_are_the_hash_of_the_bytes_and_twins_are_numbered_and_told(tmp_path):
    path = put(tmp_path, "a.txt", PROSE)
    put(tmp_path, "b/a copy.txt", PROSE)
    twins = Twins()
    documents = [twins.number(d) for d in read(tmp_path)[0]]
    first = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    assert [d.id for d in documents] == [first, f"{first}-2"]
    assert documents[0].warnings == ()
    assert "same content as" in documents[1].warnings[-1]
    assert documents[0].path in documents[1].warnings[-1]


def test_a_row_of_a_table_is_a_document_with_its_metadata(tmp_path):
    put(
        tmp_path,
        "awards.csv",
        f"title,year,abstract\nOne,2023,{PROSE}\nTwo,2024,\nThree,2025,{PROSE}More words.\n",
    )
    documents, skipped = read(tmp_path)
    assert [(d.title, d.metadata["year"], d.path.rsplit("/", 1)[-1]) for d in documents] == [
        ("One", "2023", "awards.csv#1"),
        ("Three", "2025", "awards.csv#3"),
    ]
    assert [s.path.rsplit("/", 1)[-1] for s in skipped] == ["awards.csv#2"]


def test_the_manifest_gives_kind_title_and_metadata_and_wins_over_the_option(tmp_path):
    put(tmp_path, "a.txt", PROSE)
    put(tmp_path, "b.txt", PROSE * 2)
    manifest = tmp_path / "m.csv"
    manifest.write_text("path,kind,title,year\na.txt,policy,Bus policy,2022\n", encoding="utf-8")
    rows = read_manifest(manifest)
    documents, _ = read(tmp_path, lambda found: ReadOptions(kind="program", row=rows.row(found.display)))
    assert [(d.kind, d.title, dict(d.metadata)) for d in documents] == [
        ("policy", "Bus policy", {"year": "2022"}),
        ("program", "b.txt", {}),
    ]


def test_a_document_in_another_language_is_named_and_not_profiled(tmp_path):
    put(
        tmp_path,
        "es.txt",
        "El distrito paga un segundo autobús para que los alumnos del valle puedan quedarse. " * 4,
    )
    documents, skipped = read(tmp_path)
    assert documents == []
    assert "written in Spanish" in skipped[0].found


def test_a_file_without_words_is_named(tmp_path):
    put(tmp_path, "empty.txt", " \n\n ")
    put(tmp_path, "dashes.md", "---\n\n---\n")
    documents, skipped = read(tmp_path)
    assert documents == []
    assert len(skipped) == 2
