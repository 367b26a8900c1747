"""Compares two results: requirement by requirement, case by case, answer by answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from proofsheet.results.comparison.cautions import alarms, cautions, chosen_alike
from proofsheet.results.comparison.evidence import evidence
from proofsheet.results.comparison.model import KINDS, Change, Comparison, Pairing, UncomparableError
from proofsheet.results.comparison.verdicts import ABSENT, judged, meaning, weight
from proofsheet.results.model import Finding, Results
from proofsheet.results.shapes import Shape, drifted, from_document, other_words

NOT_CHOSEN = "not chosen"
_Key = tuple[str, str]


def compare_all(old: Mapping[str, Results], new: Mapping[str, Results]) -> Pairing:
    """Compare the targets of two runs by their names; two single targets whatever they are called. Raises UncomparableError."""
    if len(old) == 1 and len(new) == 1:
        return Pairing((compare(*old.values(), *new.values()),))
    common = [name for name in new if name in old]
    if not common:
        raise UncomparableError(f"the runs have no target in common ({', '.join(old)}; {', '.join(new)}): name two report directories of single targets")
    return Pairing(tuple(compare(old[name], new[name]) for name in common), tuple(name for name in old if name not in new), tuple(name for name in new if name not in old))


def compare(old: Results, new: Results) -> Comparison:
    """Compare two runs. Raises UncomparableError where they are of different providers."""
    providers = [str(results.run["target"]["provider"]) for results in (old, new)]
    if providers[0] != providers[1]:
        raise UncomparableError(f"the old run is about {providers[0]} and the new one about {providers[1]}: only runs against one provider's contract can be compared")
    alike = chosen_alike(old.run, new.run)
    cases = tuple(_sorted(_case_changes(old, new, alike)))
    return Comparison(
        {**old.run, "summary": old.summary}, {**new.run, "summary": new.summary}, tuple(alarms(old, new)), tuple(cautions(old, new)),
        tuple(_sorted(_requirement_changes(old, new, cases))), cases, tuple(drifted(_shapes(old), _shapes(new))),
    )  # fmt: skip


def _shapes(results: Results) -> dict[str, Shape]:
    return {name: from_document(shape) for name, shape in results.answers.items()}


def _sorted(changes: Iterator[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (KINDS.index(change.kind), -weight(change.new), change.id))


def _requirement_changes(old: Results, new: Results, cases: tuple[Change, ...]) -> Iterator[Change]:
    before, now = ({entry.id: entry for entry in results.requirements} for results in (old, new))
    for name in dict.fromkeys((*now, *before)):
        was, is_ = (before[name].verdict if name in before else ABSENT), (now[name].verdict if name in now else ABSENT)
        kind = meaning(was, is_)
        if kind is not None:
            entry = now.get(name) or before[name]
            touched = tuple(change.id for change in cases if change.kind == kind and name in change.others)
            yield Change(kind, "requirement", name, was, is_, entry.level, (entry.statement,), touched)


def _by_case(results: Results) -> dict[_Key, dict[_Key, Finding]]:
    """The worst finding of each check and requirement, by case and region."""
    found: dict[_Key, dict[_Key, Finding]] = {}
    for finding in results.findings:
        checks = found.setdefault((finding.case, finding.region), {})
        key = (finding.check, finding.requirement)
        if key not in checks or weight(finding.verdict) > weight(checks[key].verdict):
            checks[key] = finding
    return found


def _case_changes(old: Results, new: Results, alike: bool) -> Iterator[Change]:
    before, now = _by_case(old), _by_case(new)
    saw, sees = evidence(old), evidence(new)
    for key in dict.fromkeys((*now, *before)):
        case, region = key
        if key in before and key in now:
            found = list(_changes(case, region, before[key], now[key]))
            yield from found
            if not any(change.kind in ("worse", "better", "unjudged") for change in found):
                yield from _seen(case, region, saw.get(case), sees.get(case), now[key])
        elif key in now:
            yield _alone(case, region, now[key], "appeared", ABSENT if alike else NOT_CHOSEN)
        else:
            yield _alone(case, region, before[key], "vanished" if alike else "unjudged", ABSENT if alike else NOT_CHOSEN)


def _alone(case: str, region: str, findings: Mapping[_Key, Finding], kind: str, other: str) -> Change:
    """A case that only one of the runs has."""
    worst = max(findings.values(), key=lambda finding: weight(finding.verdict))
    old, new = (other, worst.verdict) if kind == "appeared" else (worst.verdict, other)
    bad = tuple(f"{finding.check}: {finding.verdict}: {finding.message}" for finding in findings.values() if weight(finding.verdict))
    return Change(kind, "case", case, old, new, worst.level, bad, _requirements(findings.values()), region)


def _changes(case: str, region: str, before: Mapping[_Key, Finding], now: Mapping[_Key, Finding]) -> Iterator[Change]:
    """What became of a case that both runs have: at most one change of each kind."""
    pairs = {key: (before[key].verdict if key in before else ABSENT, now[key].verdict if key in now else ABSENT) for key in dict.fromkeys((*now, *before))}
    kinds = {key: meaning(was, "not_judged" if is_ == ABSENT and judged(was) else is_) for key, (was, is_) in pairs.items()}
    # A check that did not come to this case before and is broken now: the case is worse, whatever it was judged by then.
    kinds = {key: "worse" if kind == "appeared" and weight(pairs[key][1]) and pairs[key][0] == ABSENT else kind for key, kind in kinds.items()}
    some_worse, nothing_before = "worse" in kinds.values(), not any(judged(was) for was, _ in pairs.values())
    for kind in ("worse", "better", "listed", "unjudged", "appeared"):
        keys = [key for key, found in kinds.items() if found == kind]
        told = kind in ("worse", "better", "listed") or (kind == "unjudged" and not some_worse and "better" not in kinds.values()) or (kind == "appeared" and nothing_before)
        if keys and told and not (kind == "appeared" and some_worse):
            first = max(keys, key=lambda key: (weight(pairs[key][1]), weight(pairs[key][0])))
            findings = [now.get(key) or before[key] for key in keys]
            told_once = dict.fromkeys(f"{key[0]}: {pairs[key][0]} → {pairs[key][1]}: {finding.message}" for key, finding in zip(keys, findings, strict=True))
            yield Change(kind, "case", case, *pairs[first], findings[0].level, tuple(told_once), _requirements(findings), region)


def _seen(case: str, region: str, saw: Shape | None, sees: Shape | None, now: Mapping[_Key, Finding]) -> Iterator[Change]:
    """Other evidence for the same verdicts."""
    if saw is None or sees is None:
        return
    found = other_words(saw, sees)
    if found:
        worst = max(now.values(), key=lambda finding: weight(finding.verdict))
        yield Change("evidence", "case", case, worst.verdict, worst.verdict, worst.level, tuple(map(str, found)), _requirements(now.values()), region)


def _requirements(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.requirement for finding in findings))
