"""One pattern language for ids: ``*`` stands for anything within a segment, ``**`` for any number of segments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    out = []
    for piece in re.split(r"(/?\*\*/?|\*)", pattern):
        if piece == "*":
            out.append("[^/]*")
        elif piece == "/**/":
            out.append("/(?:.*/)?")
        elif piece == "**/":
            out.append("(?:.*/)?")
        elif piece == "/**":
            out.append("(?:/.*)?")
        elif piece == "**":
            out.append(".*")
        else:
            out.append(re.escape(piece))
    return re.compile("".join(out))


def matches(pattern: str, name: str) -> bool:
    """True when the whole of ``name`` fits ``pattern``."""
    return _compiled(pattern).fullmatch(name) is not None


def matches_any(patterns: Iterable[str], name: str) -> bool:
    """True when ``name`` fits one of ``patterns``."""
    return any(matches(pattern, name) for pattern in patterns)
