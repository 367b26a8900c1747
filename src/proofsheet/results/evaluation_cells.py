"""The pixel matrix: ratio by size, what was asked, what came, and the evidence of each cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from proofsheet.results.evaluation_figures import size_order
from proofsheet.results.model import CellResult, Finding, Results

#: From good to bad: a cell is as good as the worst thing that was seen of it.
_GRAVITY = ("pass", "info", "not_supported", "not_run", "not_testable", "known_failure", "flaky", "warn", "error", "fail")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One request for a cell: by which operation, what came, how large it was and how long it took. ``broken`` are findings against it."""

    case: str
    operation: str
    declared: str
    actual: str
    bytes: int
    seconds: float | None
    verdict: str
    digest: str | None
    held: tuple[str, ...]
    broken: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``actual`` lists the distinct sizes that came, with how often; ``digest`` is that of a picture to show, the worst one first."""

    ratio: str
    size: str
    requested: str
    verdict: str
    actual: tuple[tuple[str, int], ...]
    digest: str | None
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """One table of cells: those of a model whose pixels are documented alike. ``rows`` are ratios, each with a cell or None for every size."""

    model: str
    operations: tuple[str, ...]
    sizes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]

    @property
    def verdicts(self) -> dict[str, int]:
        """How many cells came to which verdict."""
        return dict(Counter(cell.verdict for _, cells in self.rows for cell in cells if cell is not None))


def matrices(results: Results) -> tuple[Matrix, ...]:
    """The matrices of one target: operations of one model share one as long as they ask for the same pixels."""
    findings: dict[str, list[Finding]] = {}
    for finding in results.findings:
        if finding.area in ("pixels", "parameters", "assets"):
            findings.setdefault(finding.case, []).append(finding)
    tables: list[dict[tuple[str, str], list[CellResult]]] = []
    models: list[str] = []
    for cell in results.cells:
        place = (cell.ratio, cell.size)
        fitting = (table for table, model in zip(tables, models, strict=True) if model == cell.model and (place not in table or table[place][0].requested == cell.requested))
        table = next(fitting, None)
        if table is None:
            table = {}
            tables.append(table)
            models.append(cell.model)
        table.setdefault(place, []).append(cell)
    return tuple(_matrix(model, table, findings) for model, table in zip(models, tables, strict=True))


def _matrix(model: str, table: dict[tuple[str, str], list[CellResult]], findings: dict[str, list[Finding]]) -> Matrix:
    cells = {place: _cell(place, entries, findings) for place, entries in table.items()}
    ratios = list(dict.fromkeys(ratio for ratio, _ in table))
    sizes = sorted({size for _, size in table}, key=size_order)
    operations = tuple(dict.fromkeys(sighting.operation for cell in cells.values() for sighting in cell.sightings))
    return Matrix(model, operations, tuple(sizes), tuple((ratio, tuple(cells.get((ratio, size)) for size in sizes)) for ratio in ratios))


def _cell(place: tuple[str, str], entries: list[CellResult], findings: dict[str, list[Finding]]) -> Cell:
    sightings = sorted((_sighting(entry, findings.get(entry.case, ())) for entry in entries), key=lambda seen: -_gravity(seen.verdict))
    actual = Counter(seen.actual for seen in sightings)
    digest = next((seen.digest for seen in sightings if seen.digest and seen.actual), None)
    return Cell(*place, entries[0].requested, sightings[0].verdict, tuple(actual.most_common()), digest, tuple(sightings))


def _sighting(entry: CellResult, findings: Iterable[Finding]) -> Sighting:
    found = [finding for finding in findings if not finding.region or finding.region == entry.region]
    operation = entry.operation or "/".join(entry.case.split("/")[1:2])
    return Sighting(
        entry.case, f"{operation} ({entry.region})" if entry.region else operation, entry.declared, entry.actual, entry.bytes, entry.seconds, entry.verdict, entry.digest,
        held=tuple(dict.fromkeys(finding.check for finding in found if finding.verdict == "pass")),
        broken=tuple(finding for finding in found if finding.verdict not in ("pass", "info")),
    )  # fmt: skip


def _gravity(verdict: str) -> int:
    return _GRAVITY.index(verdict) if verdict in _GRAVITY else len(_GRAVITY)
