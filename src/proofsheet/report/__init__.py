"""Reports for people and machines, written from results alone."""
