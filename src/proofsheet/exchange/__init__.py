"""Exchanges: the only part that talks to anybody."""
