"""Texts that a target said, made fit to be shown: no escape sequences, no control characters, no endless lines."""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[@-Z\\-_])")
# Controls, and the marks that turn or hide text: what looks like one thing must not be another.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = re.compile(r"\s+")


def one_line(text: str, most: int = 200) -> str:
    """The text on one line, without anything a terminal would obey, at most ``most`` characters and a note of what was cut."""
    beginning = text[: most * 8 + 1000]  # of a text of megabytes nobody will see the end
    shown = _SPACE.sub(" ", _UNSEEN.sub("", _ANSI.sub("", beginning))).strip()
    if len(shown) <= most and len(beginning) == len(text):
        return shown
    return f"{shown[:most].rstrip()}… ({len(text)} characters)"


def block(text: str, most: int = 4000) -> str:
    """Like ``one_line``, but line breaks stay."""
    shown = _UNSEEN.sub("", _ANSI.sub("", text[: most * 8])).replace("\r\n", "\n").replace("\r", "\n")
    return shown if len(shown) <= most and len(text) <= most * 8 else f"{shown[:most].rstrip()}… ({len(text)} characters)"


def command(text: str, most: int = 8000) -> str:
    """A command for a shell on one line. Its spaces stay as they are: they may stand inside a body."""
    shown = _UNSEEN.sub("", _ANSI.sub("", text[:most])).replace("\n", " ").replace("\r", " ")
    return shown if len(text) <= most else f"{shown}… ({len(text)} characters: the whole line is in results.json)"


def xml_text(text: str, most: int = 4000) -> str:
    """The text without the characters that XML 1.0 forbids."""
    return _NOT_XML.sub("", block(text, most))
