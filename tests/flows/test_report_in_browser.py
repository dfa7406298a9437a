from __future__ import annotations

import re
import shutil
import subprocess

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars")  # fmt: skip


def browse(page, tmp_path, *more):
    if BROWSER is None:
        pytest.skip("no Chromium is installed to open the report with")
    command = [BROWSER, *QUIET, f"--user-data-dir={tmp_path / 'browser'}", *more, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603 - our own page


def test_the_report_opens_and_shows_answer_bars_and_quotes(samples_run, tmp_path):
    dom = browse(samples_run.out / "report.html", tmp_path, "--dump-dom").stdout
    assert "Which equity frames are foregrounded here" in dom
    assert len(re.findall(r'<svg class="bar"', dom)) >= 5
    assert "<blockquote>" in dom
    assert "<mark>" in dom


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(samples_run, tmp_path, width):
    """The page measures itself: a copy of the report writes its widths where the dump shows them."""
    page = (samples_run.out / "report.html").read_text(encoding="utf-8")
    page = re.sub(
        r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page
    )  # it rightly forbids our script
    script = "<script>document.title=innerWidth+' '+document.documentElement.scrollWidth</script></body>"
    copy = tmp_path / "measured.html"
    copy.write_text(page.replace("</body>", script), encoding="utf-8")
    dom = browse(copy, tmp_path, f"--window-size={width},900", "--dump-dom").stdout
    inner, scrolled = map(int, re.search(r"<title>(\d+) (\d+)</title>", dom).groups())
    assert scrolled <= max(inner, width)
