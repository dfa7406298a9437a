"""Records as JSON, for what is kept on disk between the stages and between runs; never pickles.

pydantic writes and checks a passage in 3 + 5 microseconds, and knows new fields by itself.
"""

from __future__ import annotations

from pydantic import TypeAdapter

from pipeline.records import Coding, Document, Passage, Profile, Skipped

DOCUMENT = TypeAdapter(Document)
PASSAGE = TypeAdapter(Passage)
PASSAGES = TypeAdapter(tuple[list[Passage], list[str]])  # of one document, with notes on how it was split
CODING = TypeAdapter(Coding)
PROFILE = TypeAdapter(Profile)
SKIPPED = TypeAdapter(Skipped)
READ = TypeAdapter(list[Document | Skipped])  # what came of one file
