"""The vendor evaluation as one page and as a table."""
