"""Which file holds a case's exchanges: named after the case, so that a person finds it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from proofsheet.cases.model import Case

#: File systems take 255 bytes a name; this leaves room for the suffix.
_LONGEST_SEGMENT = 150


def cassette_paths(cases: Iterable[Case]) -> dict[str, dict[str, str]]:
    """For each probe's id the cases that its cassette may be named after, and their files; it is written under the first.

    ``cases`` are all cases of a target, not only the selected ones: a name must not depend on what else is performed.
    """
    names: dict[str, list[str]] = {}
    alone: dict[str, list[str]] = {}
    bases: dict[str, list[str]] = {}
    for case in cases:
        if case.probe is not None:
            names.setdefault(case.probe.id, []).append(case.id)
        if case.alone is not None:
            alone.setdefault(case.alone.id, []).append(f"{case.id}(alone)")
        if case.base is not None:
            provider = case.id.partition("/")[0]
            bases.setdefault(case.base.id, [f"{provider}/{case.base.operation.key}/base"])
    found = {**alone, **bases, **names}
    paths = _distinct(dict.fromkeys(name for several in found.values() for name in several))
    return {probe: {name: paths[name] for name in several} for probe, several in found.items()}


def _distinct(cases: Iterable[str]) -> Mapping[str, str]:
    """The file of each case, relative to the set. Names that a file system may take for the same one get a suffix each."""
    paths = {case: _path(case) for case in cases}
    taken = Counter(path.lower() for path in paths.values())
    return {case: (path if taken[path.lower()] == 1 else f"{path}~{hashlib.sha256(case.encode()).hexdigest()[:6]}") + ".yaml" for case, path in paths.items()}


def _path(case: str) -> str:
    _, _, rest = case.partition("/")
    return "/".join(_segment(segment) for segment in rest.split("/"))


def _segment(segment: str) -> str:
    safe = quote(segment, safe="@+(),=")
    safe = safe.replace(".", "%2E") if not safe.strip(".") else safe
    return safe if len(safe) <= _LONGEST_SEGMENT else f"{safe[:_LONGEST_SEGMENT]}~{hashlib.sha256(segment.encode()).hexdigest()[:6]}"
