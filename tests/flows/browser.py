"""A headless Chromium for tests of pages, and what is asked of every page."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import axe_playwright_python

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
# WCAG 2.2 at level AA, and axe's own best practices
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def open_page(
    browser: Any, path: Path, *, width: int = 1280, scheme: str = "light", fragment: str = ""
) -> Any:
    """Open a page; ``page.asked`` holds every address it asked for, ``page.complaints`` its errors."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.asked, page.complaints = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("dialog", lambda dialog: (page.complaints.append("a dialog opened"), dialog.dismiss()))
    page.goto(path.as_uri() + fragment)
    return page


def violations(page: Any) -> list[str]:
    """Run axe and return what it finds, one line each."""
    page.evaluate("document.querySelectorAll('details').forEach((d, i) => { if (i < 20) d.open = true })")
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    return [
        f"{v['id']} ({v['impact']}): {v['help']}: {node['target']} {node['failureSummary'][:200]}"
        for v in found["violations"]
        for node in v["nodes"][:3]
    ]


def too_wide(page: Any) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
