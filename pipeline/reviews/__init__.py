"""What people coded, read back: from the workbook, a CSV or a REFI-QDA project, onto a run's passages."""
