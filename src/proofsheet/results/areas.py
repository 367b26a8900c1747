"""In which areas a run meant to prove something."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from proofsheet.contract.index import area_of
from proofsheet.results.model import Finding


def chosen_areas(own: Collection[str], selected: Iterable[str], findings: Iterable[Finding]) -> set[str]:
    """The areas of the selected cases, and those in which something was judged that have no cases of their own. ``own`` are those that have."""
    return set(selected) | ({area_of(finding.check) for finding in findings} - set(own))


def areas_to_prove(chosen: Iterable[str], own: Collection[str], findings: Collection[Finding]) -> set[str]:
    """Those of the chosen areas that leave a run incomplete where nothing in them is proved.

    An area in which nothing could be tested, for want of a balance or a key, is unproven and said so; it does not make a
    run incomplete unless proof is required. The same holds for one without cases of its own of which there is only information.
    """
    chosen = list(chosen)
    nothing = {area: {"not_testable", "not_supported"} | ({"info"} if area not in own else set()) for area in chosen}
    return {area for area in chosen if any(area_of(f.check) == area and f.verdict not in nothing[area] for f in findings)}
