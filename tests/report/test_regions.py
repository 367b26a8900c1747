"""A result that joins regions: every report says from where a finding was seen."""

from __future__ import annotations

import io
from xml.etree import ElementTree

from rich.console import Console

from proofsheet.report.groups import grouped
from proofsheet.report.junit import junit_xml
from proofsheet.report.markdown import markdown
from proofsheet.report.terminal import print_summary
from results.samples import finding, results

FOUND = (finding(region="eu"), finding(region="us", verdict="fail", message="refused"), finding(region="asia", verdict="fail", message="refused"))


def test_causes_are_told_apart_by_region():
    assert [group.first.region for group in grouped(FOUND, ("fail",))] == ["us", "asia"]


def test_the_summaries_name_the_region():
    out = io.StringIO()
    print_summary(results(FOUND), console=Console(file=out, width=200))
    assert "region   us" in out.getvalue()
    assert "- region: us" in markdown(results(FOUND))


def test_each_region_is_a_testcase():
    cases = {case.get("name"): case for case in ElementTree.fromstring(junit_xml(results(FOUND))).iter("testcase")}
    assert set(cases) == {f"acme/draw/parameters/base [{region}]" for region in ("eu", "us", "asia")}
    assert cases["acme/draw/parameters/base [eu]"].find("failure") is None
    assert cases["acme/draw/parameters/base [us]"].find("failure") is not None
