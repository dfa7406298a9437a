"""Documents: read, split, profile, write. Knows no models and no Prefect."""
