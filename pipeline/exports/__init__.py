"""What a run gives to other programs: REFI-QDA projects, annotated PDFs and Word files, a data dictionary."""
