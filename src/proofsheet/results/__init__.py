"""Results: from what checks said to findings, summaries and files."""
