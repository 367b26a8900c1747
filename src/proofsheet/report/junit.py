"""junit.xml: one testcase a case, for every tool that reads pytest's or Maven's reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from proofsheet.report.terminal import seconds_of
from proofsheet.report.text import xml_text
from proofsheet.results.model import AREAS, Finding, Results
from proofsheet.results.writing import write_atomically

JUNIT_FILE = "junit.xml"
_SKIPPED = ("not_testable", "not_supported", "not_run", "known_failure", "flaky")
_LONGEST_NAME = 500


def write_junit(directory: Path, results: Results) -> Path:
    """Write junit.xml into the report directory. Raises ReportError."""
    path = directory / JUNIT_FILE
    write_atomically(path, junit_xml(results))
    return path


def junit_xml(results: Results) -> bytes:
    """The document: a suite for each area, a testcase for each case, a failure for each finding that fails."""
    cases: dict[str, list[Finding]] = {}
    for finding in results.findings:
        cases.setdefault(f"{finding.case} [{finding.region}]" if finding.region else finding.case, []).append(finding)
    times = _times(results)
    root = ElementTree.Element("testsuites", {"name": xml_text(f"proofsheet {results.run['target']['name']}", _LONGEST_NAME)})
    for area in (*AREAS, ""):
        members = {case: found for case, found in cases.items() if _area(case, found) == area}
        if members:
            root.append(_suite(area or "other", members, results, times))
    problems = results.summary.get("known", {}).get("problems", ())
    if problems:
        root.append(_list_suite(problems, str(results.run["started_at"])))
    _count(root)
    seconds = seconds_of(results)
    root.set("time", f"{seconds or 0:.3f}")
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _list_suite(problems: Sequence[str], started_at: str) -> ElementTree.Element:
    """Entries of the list of known failures that must go: they fail the run, so they fail here."""
    suite = ElementTree.Element("testsuite", {"name": "known failures", "timestamp": xml_text(started_at)})
    for problem in problems:
        entry = ElementTree.SubElement(suite, "testcase", {"classname": "known failures", "name": xml_text(problem, _LONGEST_NAME), "time": "0.000"})
        ElementTree.SubElement(entry, "failure", {"type": "known", "message": xml_text(problem, _LONGEST_NAME)})
    _count(suite)
    suite.set("time", "0.000")
    return suite


def _area(case: str, findings: Sequence[Finding]) -> str:
    """The area that the case's id names; checks of other areas judge it too, and a case belongs into one suite."""
    named = [segment for segment in case.split("/") if segment in AREAS]
    return named[0] if named else findings[0].area if findings[0].area in AREAS else ""


def _suite(area: str, cases: Mapping[str, Sequence[Finding]], results: Results, times: Mapping[str, float]) -> ElementTree.Element:
    target = results.run["target"]
    suite = ElementTree.Element("testsuite", {"name": xml_text(f"{target['provider']}.{area}", _LONGEST_NAME), "timestamp": xml_text(str(results.run["started_at"]))})
    properties = ElementTree.SubElement(suite, "properties")
    for name in ("target", "provider", "base_url"):
        _property(properties, name, str(target["name" if name == "target" else name]))
    for name in ("id", "mode", "provenance", "tier", "tool_version", "specs_sha256"):
        _property(properties, f"run.{name}", str(results.run[name]))
    for case, findings in cases.items():
        suite.append(_testcase(case, findings, f"{target['provider']}.{area}", sum(times.get(name, 0.0) for name in {name for f in findings for name in f.exchanges})))
    _count(suite)
    suite.set("time", f"{sum(float(entry.get('time', '0')) for entry in suite.iter('testcase')):.3f}")
    return suite


def _testcase(case: str, findings: Sequence[Finding], group: str, seconds: float) -> ElementTree.Element:
    element = ElementTree.Element("testcase", {"classname": xml_text(group, _LONGEST_NAME), "name": xml_text(case, _LONGEST_NAME), "time": f"{seconds:.3f}"})
    properties = ElementTree.SubElement(element, "properties")
    for requirement in dict.fromkeys(finding.requirement for finding in findings):
        _property(properties, "requirement", requirement)
    broken = [finding for finding in findings if finding.verdict in ("fail", "error")]
    judged = [finding for finding in findings if finding.verdict not in _SKIPPED]
    for finding in broken:
        tag = "failure" if finding.verdict == "fail" else "error"
        child = ElementTree.SubElement(element, tag, {"type": xml_text(finding.check), "message": xml_text(f"{finding.requirement}: {finding.message}", _LONGEST_NAME)})
        child.text = xml_text("\n".join(_details(finding)), 16000)
    if not judged and findings:
        # Only where nothing at all was judged: a case with one passed check is no skipped one.
        ElementTree.SubElement(element, "skipped", {"type": findings[0].verdict, "message": xml_text(findings[0].message, _LONGEST_NAME)})
    rest = [f"{finding.verdict} {finding.check} {finding.requirement}: {finding.message}" for finding in findings if finding.verdict in ("warn", "info", *_SKIPPED)]
    if rest:
        ElementTree.SubElement(element, "system-out").text = xml_text("\n".join(rest), 16000)
    return element


def _details(finding: Finding) -> list[str]:
    lines = [f"check {finding.check}, {finding.level}: {finding.message}"]
    lines += [f"{label}: {text}" for label, text in (("expected", finding.expected), ("actual", finding.actual), ("try", finding.curl)) if text]
    return lines


def _property(parent: ElementTree.Element, name: str, value: str) -> None:
    ElementTree.SubElement(parent, "property", {"name": name, "value": xml_text(value, _LONGEST_NAME)})


def _count(element: ElementTree.Element) -> None:
    tests = list(element.iter("testcase"))
    element.set("tests", str(len(tests)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.find(tag) is not None for case in tests)))


def _times(results: Results) -> dict[str, float]:
    """Seconds by exchange, where the results say them."""
    times = {str(entry.get("id")): entry.get("times", {}).get("seconds") for entry in results.exchanges}
    return {name: float(seconds) for name, seconds in times.items() if isinstance(seconds, (int, float)) and not isinstance(seconds, bool)}
