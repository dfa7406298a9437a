"""The authored training corpus and the sample documents."""
