"""Prefect flows and the command line: where the other packages meet."""
