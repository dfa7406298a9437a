"""Codebooks as the other rooms import them; records, loading, checks and rendering lie beside this file."""

from __future__ import annotations

from labels.hints import check_codebook
from labels.keywords import keyword_pattern
from labels.loading import load_codebook, shipped_codebooks
from labels.problems import CodebookError, Problem
from labels.records import NO_FRAME, Codebook, Example, Frame
from labels.render import render_codebook

__all__ = [
    "NO_FRAME",
    "Codebook",
    "CodebookError",
    "Example",
    "Frame",
    "Problem",
    "check_codebook",
    "keyword_pattern",
    "load_codebook",
    "render_codebook",
    "shipped_codebooks",
]
