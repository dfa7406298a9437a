"""Keywords of a codebook as regular expressions, for whoever counts or marks them."""

from __future__ import annotations

import re

_GAP = r"[\s\u2010\u2011-]+"  # a keyword of two words is found across a line break or a hyphen too


def keyword_pattern(keyword: str) -> re.Pattern[str]:
    """Return the expression that finds ``keyword`` in running text, whatever the case.

    ``*`` stands for any letters or digits, also none: ``fund*`` finds "fund" and "funds", and
    ``*represented`` finds "underrepresented". Without ``*`` only whole words are found. A space or a
    hyphen finds white space or a hyphen.
    """
    words = (r"\w*".join(map(re.escape, word.split("*"))) for word in re.split(r"[\s-]+", keyword))
    return re.compile(rf"(?<!\w){_GAP.join(words)}(?!\w)", re.IGNORECASE)
