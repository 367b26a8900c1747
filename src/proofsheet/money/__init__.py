"""Money: what a request costs by the document, what a run may spend, and the record of what it did spend."""
