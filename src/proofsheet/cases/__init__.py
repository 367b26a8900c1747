"""Cases: what to send, and what it is meant to show. Pure."""
