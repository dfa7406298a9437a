"""Which parts of a web page are its content, and which are menus, banners and forms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

ScopeKind = Literal["main", "article", "menu", "wrapper", "banner", "links", "consent"]

# Never text to read, whatever stands in it.
SILENT_TAGS = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "svg",
        "iframe",
        "object",
        "canvas",
        "select",
        "datalist",
        "button",
        "textarea",
        "audio",
        "video",
        "map",
        "applet",
        "head",
    ]
)
_TAGS: Mapping[str, ScopeKind] = {
    "main": "main",
    "article": "article",
    "nav": "menu",
    "footer": "banner",
    "header": "banner",
    "aside": "wrapper",
    "form": "wrapper",
    "dialog": "consent",
}
_ROLES: Mapping[str, ScopeKind] = {
    "main": "main",
    "article": "article",
    "navigation": "menu",
    "banner": "banner",
    "contentinfo": "banner",
    "search": "menu",
    "complementary": "wrapper",
    "dialog": "consent",
    "alertdialog": "consent",
}
_LINK_LISTS = re.compile(
    r"(?:^|[-_\s])(?:breadcrumbs?|nav|navbar|navigation|menu|submenu|sidebar|share|sharing|pagination|"
    r"pager|related|skip|toolbar|footer|masthead|social-(?:media|links|icons|share))(?:$|[-_\s])"
)
_CONSENT = re.compile(
    r"(?:^|[-_\s])(?:cookies?|consent|gdpr|ccpa|onetrust|cookiebot|cookielaw|cookiebanner)(?:$|[-_\s])"
)
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_COOKIES = re.compile(r"\bcookies?\b|\bconsent\b", re.IGNORECASE)
_CHOICE = re.compile(
    r"\b(?:accept|agree|consent|decline|reject|allow|manage|preferences|settings|"
    r"browser|website|web site|this site|our site|privacy|tracking|analytics)\b",
    re.IGNORECASE,
)
# The longest cookie notice seen with all its categories is about 200 words.
_NOTICE_WORDS = 300
# A part that holds more of the page than this is no menu or banner, whatever it is called: whole
# pages stand in one <form> (ASP.NET) or under a body of class "has-sidebar".
_MOST = 0.5
_MOSTLY_LINKS = 0.6


@dataclass(slots=True)
class Scope:
    """An open part of the page: its parent's number, its kind, and how many characters stand in it."""

    parent: int
    kind: ScopeKind
    characters: int = 0
    linked: int = 0
    words: int = 0
    sample: str = ""


def scope_kind(tag: str, attributes: Mapping[str, str], *, in_content: bool) -> ScopeKind | None:
    """Give the kind of part that this element opens, or None for an ordinary element.

    A ``header`` or ``footer`` inside ``main`` or ``article`` is part of the text there.
    """
    if "hidden" in attributes or attributes.get("aria-hidden", "").lower() == "true":
        return "wrapper"
    if _NOT_SHOWN.search(attributes.get("style", "").lower()):
        return "wrapper"
    kind = _ROLES.get(attributes.get("role", "").lower()) or _TAGS.get(tag)
    if kind == "banner" and in_content:
        return None
    if kind is not None:
        return kind
    names = f"{attributes.get('class', '')} {attributes.get('id', '')}".lower()
    if _CONSENT.search(names):
        return "consent"
    return "links" if _LINK_LISTS.search(names) else None


def kept_scopes(scopes: Sequence[Scope]) -> tuple[list[bool], list[bool]]:
    """For each scope, whether its text is kept, and whether it lies in the page's main content.

    ``scopes[0]`` is the page itself; every parent comes before its children. Menus, banners and
    forms go, except where one of them holds most of the page's text. Where ``main`` (or, without
    one, ``article``) holds most of what is left, everything else goes too.
    """
    # From the children up, so that a scope's own count covers everything inside it.
    for number in range(len(scopes) - 1, 0, -1):
        child, parent = scopes[number], scopes[scopes[number].parent]
        parent.characters += child.characters
        parent.linked += child.linked
        parent.words += child.words
    whole = scopes[0].characters - _in_menus(scopes)
    kept = [True] * len(scopes)
    for number in range(1, len(scopes)):
        scope = scopes[number]
        kept[number] = kept[scope.parent] and not _goes(scope, whole)
    within: dict[ScopeKind, list[bool]] = {}
    for kind in ("main", "article"):
        inside = [False] * len(scopes)
        for number in range(1, len(scopes)):
            inside[number] = kept[number] and (inside[scopes[number].parent] or scopes[number].kind == kind)
        within[kind] = inside
    return kept, _main_content(scopes, within, whole)


def _main_content(scopes: Sequence[Scope], within: Mapping[ScopeKind, list[bool]], whole: int) -> list[bool]:
    for kind in ("main", "article"):
        inside = within[kind]
        outermost = sum(
            scope.characters
            for number, scope in enumerate(scopes)
            if inside[number] and not inside[scope.parent]
        )
        if outermost > _MOST * whole:
            return inside
    return [True] * len(scopes)


def _in_menus(scopes: Sequence[Scope]) -> int:
    """Characters in the outermost ``nav`` elements: never content, so no part of the whole."""
    inside = [False] * len(scopes)
    characters = 0
    for number in range(1, len(scopes)):
        scope = scopes[number]
        inside[number] = inside[scope.parent] or scope.kind == "menu"
        if inside[number] and not inside[scope.parent]:
            characters += scope.characters
    return characters


def _goes(scope: Scope, whole: int) -> bool:
    if scope.kind == "menu":
        return True
    if scope.kind in {"main", "article"} or scope.characters > _MOST * whole:
        return False
    if scope.kind == "links":
        return scope.linked > _MOSTLY_LINKS * scope.characters
    if scope.kind == "consent":
        return is_cookie_notice(scope.sample) and scope.words <= _NOTICE_WORDS
    return True


def is_cookie_notice(text: str) -> bool:
    """Whether a text asks for consent to cookies: it names them and gives a choice or a website."""
    return bool(_COOKIES.search(text)) and len(_CHOICE.findall(text)) >= 2
