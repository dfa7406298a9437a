import errno
import io
import os
import zipfile
from pathlib import Path

import pytest

from pipeline.archive import MOST_BYTES
from pipeline.errors import UnreadableDocumentError
from pipeline.find import find_files
from pipeline.readers import READERS, ROW_READERS, read_file, true_suffix

PDF = b"%PDF-1.4\n%%EOF"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def zipped(members, *, compress=True):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.fixture
def find(tmp_path):
    temporary = tmp_path / "unpacked"
    temporary.mkdir()

    def search(*inputs):
        found, skipped = find_files(inputs, temporary)
        return [item.display.removeprefix(f"{tmp_path}/") for item in found], {
            item.path.removeprefix(f"{tmp_path}/"): item.found for item in skipped
        }

    return search


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def test_folders_are_searched_in_order_without_litter(find, folder):
    for name in (
        "b.txt",
        "A.md",
        "sub/c.html",
        "sub/.hidden/x.txt",
        ".git",
        "~$A.docx",
        "Thumbs.db",
        "sub/z.csv",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("text")
    assert find(folder) == (["in/A.md", "in/b.txt", "in/sub/c.html", "in/sub/z.csv"], {})


def test_a_file_given_twice_is_found_once(find, folder):
    (folder / "a.txt").write_text("text")
    assert find(folder / "a.txt", folder)[0] == ["in/a.txt"]


def test_a_missing_input_is_said(find, folder):
    with pytest.raises(UnreadableDocumentError, match="no such file or folder"):
        find(folder / "none.pdf")


def test_links_are_not_followed_out(find, folder, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.txt").write_text("text")
    (folder / "a.txt").write_text("text")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "out").symlink_to(tmp_path / "other")
    (folder / "in.txt").symlink_to(folder / "a.txt")
    (folder / "loop").symlink_to(folder)
    found, skipped = find(folder)
    assert found == ["in/a.txt"]
    assert set(skipped) == {"in/out.txt", "in/out"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(find, folder):
    os.mkfifo(folder / "pipe.txt")
    assert "not an ordinary file" in find(folder)[1]["in/pipe.txt"]


@pytest.mark.parametrize(
    ("name", "content", "suffix", "warned"),
    [
        ("x.pdf", PDF, ".pdf", False),
        ("x.docx", PDF, ".pdf", True),
        ("x", PDF, ".pdf", True),
        ("x.doc", b"<html><body>text", ".html", True),
        ("x.doc", b"{\\rtf1 text}", ".rtf", True),
        ("x.txt", b"{\\rtf1 text}", ".rtf", True),
        ("x.txt", b"<p>text about tags</p>", ".txt", False),
        ("x.md", b"<html>in Markdown", ".md", False),
        ("x.HTM", b"text", ".html", False),
        ("x.docx", b"only words", ".txt", True),
        ("x.pages", zipped({"word/document.xml": "x"}), ".docx", True),
        ("x.docx", zipped({"xl/workbook.xml": "x"}), ".xlsx", True),
        ("x.zip", zipped({"mimetype": "application/epub+zip"}), ".epub", True),
        ("x.docx", zipped({"a.txt": "text"}), ".zip", True),
        ("x.ndjson", b'{"text": "x"}', ".jsonl", False),
    ],
)
def test_files_are_known_by_their_content(folder, name, content, suffix, warned):
    (folder / name).write_bytes(content)
    found, warning = true_suffix(folder / name)
    assert (found, warning is not None) == (suffix, warned)


@pytest.mark.parametrize(
    ("name", "content", "found", "remedy"),
    [
        ("x.doc", OLE, "old word processor", "Save it as .docx"),
        ("x.ppt", OLE, "old PowerPoint", "Save it as .pptx"),
        ("x.xls", OLE, "old Excel", "Save it as .xlsx"),
        ("x.docx", OLE, "old Office file", "save it as .docx"),
        ("x.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "password", "Remove the password"),
        ("x.pages", zipped({"Index/Document.iwa": "x"}), "Apple Pages", "Export it"),
        ("x.png", b"\x89PNG\r\n", "picture", "text layer"),
        ("x.pdf", b"\xff\xd8\xff\xe0 JFIF", "picture", "text layer"),
        ("x.mp3", b"ID3 sound", "sound recording", "transcript"),
        ("x.mp4", b"\x00\x00\x00\x20ftyp", "video", "transcript"),
        ("x.exe", b"MZ\x90\x00", "program", "Leave it out"),
        ("x.7z", b"7z\xbc\xaf", "archive", "zip"),
        ("x.json", b"{}", "JSON", "jsonl"),
        ("x.xyz", b"what", "kind", "Save it as"),
        ("noname", b"what", "no ending", "Save it as"),
        ("x.docx", b"\x00\x01\x02", "not what a .docx file holds", "save it again"),
        ("x.docx", b"PK\x03\x04 cut", "damaged", "Fetch it again"),
        ("x.txt", b"", "empty", "Check"),
    ],
)
def test_each_kind_that_is_not_read_has_its_remedy(folder, name, content, found, remedy):
    (folder / name).write_bytes(content)
    found_files, skipped = find_files([folder], folder)
    assert found_files == []
    assert found in skipped[0].found
    assert remedy in skipped[0].remedy
    with pytest.raises(UnreadableDocumentError, match=found):
        read_file(folder / name)


def test_a_wrong_name_is_read_with_a_warning(folder):
    (folder / "x.doc").write_text("<html><body><p>Words of the page</p>")
    reading = read_file(folder / "x.doc")
    assert [block.text for block in reading.blocks] == ["Words of the page"]
    assert "the content is HTML" in reading.warnings[0]


def test_every_reader_has_one_suffix():
    assert not set(READERS) & set(ROW_READERS)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in [*READERS, *ROW_READERS])


def test_archives_are_opened_with_those_inside(find, folder):
    inner = zipped({"deep.txt": "text", "more.zip": zipped({"deepest.txt": "x"})})
    content = {
        "b/two.txt": "text",
        "a.md": "text",
        "__MACOSX/._a.md": "x",
        ".x": "x",
        "in.zip": inner,
        "i.png": b"\x89PNG",
    }
    (folder / "o.zip").write_bytes(zipped(content))
    found, skipped = find(folder)
    assert found == ["in/o.zip/a.md", "in/o.zip/b/two.txt", "in/o.zip/in.zip/deep.txt"]
    assert set(skipped) == {"in/o.zip/i.png", "in/o.zip/in.zip/more.zip"}
    assert "inside 2 others" in skipped["in/o.zip/in.zip/more.zip"]


def test_the_path_found_holds_the_members_bytes(folder, tmp_path):
    (folder / "o.zip").write_bytes(zipped({"a.txt": "the words"}))
    (tmp_path / "t").mkdir()
    (found,), _ = find_files([folder], tmp_path / "t")
    assert found.path.read_text() == "the words"
    assert found.path.parent == tmp_path / "t"


@pytest.mark.parametrize(
    "name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "..\\out.txt", "C:/out.txt"]
)
def test_members_do_not_escape(find, folder, tmp_path, name):
    (folder / "o.zip").write_bytes(zipped({name: "text", "ok.txt": "text"}))
    before = sorted(path for path in tmp_path.rglob("*") if "unpacked" not in path.parts)
    found, skipped = find(folder)
    assert found == ["in/o.zip/ok.txt"]
    assert "leads out of the archive" in next(iter(skipped.values()))
    assert sorted(path for path in tmp_path.rglob("*") if "unpacked" not in path.parts) == before


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"a.txt": b" " * 50_000_000}, "times its size"),
        ({f"{n}.txt": b"x" for n in range(10_001)}, "more than 10,000"),
        ({f"{n}.txt": os.urandom(1000) * 41_000 for n in range(5)}, "more than 200 MB"),
    ],
    ids=["ratio", "entries", "size"],
)
def test_bombs_are_refused(find, folder, content, found):
    (folder / "o.zip").write_bytes(zipped(content))
    files, skipped = find(folder)
    assert files == []
    assert found in skipped["in/o.zip"]


def test_archives_in_an_archive_share_one_budget(find, folder):
    inner = zipped({"a.txt": os.urandom(1 << 14) * 64})
    (folder / "o.zip").write_bytes(zipped({f"{n}.zip": inner for n in range(300)}))
    found, skipped = find(folder)
    assert len(found) < 300
    assert any("unpacks to more than" in reason for reason in skipped.values())


def test_a_locked_member_is_named(find, folder):
    data = bytearray(zipped({"a.txt": "text", "b.txt": "text"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    (folder / "o.zip").write_bytes(bytes(data))
    found, skipped = find(folder)
    assert found == ["in/o.zip/b.txt"]
    assert "password" in skipped["in/o.zip/a.txt"]


def test_a_damaged_member_is_named(find, folder):
    data = bytearray(zipped({"a.txt": "some text of it", "b.txt": "text"}, compress=False))
    data[data.index(b"some text")] ^= 0xFF
    (folder / "o.zip").write_bytes(bytes(data))
    found, skipped = find(folder)
    assert found == ["in/o.zip/b.txt"]
    assert "damaged" in skipped["in/o.zip/a.txt"]


def test_a_name_that_is_no_utf8_is_found_and_can_be_written_down(tmp_path):
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        (tmp_path / name).write_text("Words enough to read here.", encoding="utf-8")
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system takes no such names")
    found, skipped = find_files([tmp_path], tmp_path)
    assert skipped == []
    assert found[0].path.name == name
    assert found[0].display.endswith("caf\ufffd.txt")


def test_what_an_earlier_run_wrote_among_the_documents_is_no_document(tmp_path):
    (tmp_path / "a.txt").write_text("Words enough to read here.", encoding="utf-8")
    out = tmp_path / "out"
    (out / "annotated").mkdir(parents=True)
    names = ("passages.parquet", "profiles.parquet", "groups.parquet", "report.html", "annotated/a.txt")
    for name in names:
        (out / name).write_text("Words enough to read here.", encoding="utf-8")
    found, skipped = find_files([tmp_path], tmp_path)
    assert ([f.path.name for f in found], skipped) == (["a.txt"], [])
    (out / "groups.parquet").unlink()  # a folder of somebody's own
    assert len(find_files([tmp_path], tmp_path)[0]) > 1


@pytest.mark.parametrize("name", ["coded.qdpx", "coded.zip"])
def test_a_project_of_a_coding_program_is_no_archive_of_documents(tmp_path, name):
    (tmp_path / name).write_bytes(zipped({"project.qde": "<Project/>", "Sources/a.txt": "Words to read."}))
    found, skipped = find_files([tmp_path], tmp_path)
    assert found == []
    assert "coding program" in skipped[0].found
    assert "import-codings" in skipped[0].remedy


def test_the_folder_this_run_writes_into_and_a_run_that_was_killed_are_no_documents(tmp_path):
    (tmp_path / "a.txt").write_text("Words enough to read here.", encoding="utf-8")
    for name in ("out", "killed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "passages.csv").write_text("text\nWords of a passage.\n", encoding="utf-8")
    (tmp_path / "killed" / ".unfinished").mkdir()
    (tmp_path / "killed" / ".unfinished" / "run.sqlite").touch()
    found, skipped = find_files([tmp_path], tmp_path, leave_out=tmp_path / "." / "out")
    assert ([f.path.name for f in found], skipped) == (["a.txt"], [])
    assert [f.path.name for f in find_files([tmp_path], tmp_path)[0]] == ["a.txt", "passages.csv"]


def test_a_folder_that_may_be_listed_and_not_entered_is_named(find, folder, monkeypatch):
    """As with mode 0444; the administrator, who may run the tests, may enter everything."""
    (folder / "closed").mkdir()
    (folder / "closed" / "a.txt").write_text("Words.", encoding="utf-8")
    (folder / "b.txt").write_text("Words.", encoding="utf-8")
    is_symlink = Path.is_symlink

    def refused(path):
        if path.parent.name == "closed":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return is_symlink(path)

    monkeypatch.setattr(Path, "is_symlink", refused)
    found, skipped = find(folder)
    assert found == ["in/b.txt"]
    assert "cannot be opened (Permission denied)" in skipped["in/closed/a.txt"]


def test_an_input_that_cannot_be_looked_at_is_named(tmp_path, monkeypatch):
    def refused(_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "exists", refused)
    with pytest.raises(UnreadableDocumentError, match="cannot be opened"):
        find_files([tmp_path / "closed" / "a.txt"], tmp_path)


@pytest.mark.parametrize(("code", "raised"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EIO, False)])
def test_a_full_disk_is_no_damage_to_an_archive(find, folder, monkeypatch, code, raised):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    (folder / "o.zip").write_bytes(zipped({"a.txt": "Words.", "b.txt": "Words."}))
    monkeypatch.setattr("pipeline.find._unpack", refuse)
    if raised:
        with pytest.raises(OSError, match=os.strerror(code)):
            find(folder)
    else:
        assert set(find(folder)[1]) == {"in/o.zip/a.txt", "in/o.zip/b.txt"}


def test_the_files_of_all_archives_in_one_count_together_and_only_documents_stay_unpacked(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("pipeline.find._Budget.__init__.__defaults__", (MOST_BYTES, 6))
    inner = zipped({f"{i}.txt": f"Words {i}." for i in range(4)})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "o.zip").write_bytes(
        zipped({"a.zip": inner, "b.zip": inner, "c.zip": inner, "d.png": "x"})
    )
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    found, skipped = find_files([tmp_path / "in"], unpacked)
    assert len(found) == 4, "one for a.zip, its four, one for b.zip"
    assert sorted(unpacked.iterdir()) == sorted(f.path for f in found)
    (over,) = (s for s in skipped if "with the archives in it" in s.found)
    assert over.path.endswith("o.zip/b.zip")
