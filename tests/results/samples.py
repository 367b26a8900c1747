"""Values that the tests of results and of reports share."""

from __future__ import annotations

from typing import Any

from proofsheet.cases.model import Case
from proofsheet.contract.model import Endpoint, Matrix, Operation, Requirement, Source
from proofsheet.contract.requests import Request
from proofsheet.results.model import CellResult, Finding, Results
from proofsheet.results.summary import assess, requirement_results, summary_of

HOSTILE = '<script>alert(1)</script> \x1b[31mred\x1b[0m \x1b]0;title\x07 \x00\x08\x7f\u202e [bold]loud[/bold] ]]> | `tick` @team & "quoted"'


def requirement(name: str, level: str = "must", checks: dict[str, tuple[str, ...]] | None = None, excluded: str | None = None) -> Requirement:
    return Requirement(name, level, f"what {name} states", (Source("doc", "3-4"), Source("other", "7")), checks or {}, excluded)


MATRIX = Matrix((
    requirement("acme.served", "must", {"parameters.served": ("acme/draw/parameters/**",)}),
    requirement("acme.ratio", "must", {"parameters.refused": ("acme/*/parameters/ratio/invalid/*",), "errors.status": ("**/invalid/*",)}),
    requirement("acme.message", "should", {"errors.message": ("**",)}),
    requirement("acme.seen", "info", {"pixels.ratio": ("acme/draw/pixels/*",)}),
    requirement("acme.exact", "must", {"pixels.exact": ("acme/draw/pixels/*",)}),
    requirement("acme.upstream", "must", excluded="no client can see which model answered"),
))


def operation() -> Operation:
    endpoint = Endpoint("draw", "POST", "/draw", (), {}, {}, ())
    return Operation("draw", "draw", "generate", endpoint, None, "application/json", None, Request("POST", "/draw"), {}, None, None, None)


def case(rest: str, **more: Any) -> Case:
    area = rest.split("/", maxsplit=1)[0]
    return Case(f"acme/draw/{rest}", area, "walk", operation(), "serve", None, **more)


def finding(check: str = "parameters.served", requirement: str = "acme.served", verdict: str = "pass", level: str = "must", **more: Any) -> Finding:
    return Finding(**{"check": check, "area": check.split(".", maxsplit=1)[0], "case": "acme/draw/parameters/base", "requirement": requirement, "level": level,
                      "verdict": verdict, "message": "as documented", **more})


def results(findings: tuple[Finding, ...] = (finding(),), complete: bool = True, provenance: str = "live", **more: Any) -> Results:
    requirements = requirement_results(MATRIX, findings)
    assessment = assess(findings, requirements, areas={"parameters"}, complete=complete)
    run = {
        "id": "20261120-1", "tool_version": "0.1.0", "started_at": "2026-11-20T10:00:00+00:00", "finished_at": "2026-11-20T10:00:12.500000+00:00",
        "complete": assessment.complete, "mode": "live", "provenance": provenance, "seed": 0, "tier": "full",
        "target": {"name": "candidate", "provider": "acme", "base_url": "http://127.0.0.1:9301"}, "specs_sha256": "0" * 64,
    }
    spend = {"amount": "0.20", "unit": "credits", "usd": None}
    return Results(**{
        "run": run, "summary": summary_of(findings, requirements, assessment, requests=7, paid_images=2, spend=spend),
        "findings": findings, "requirements": requirements,
        "cells": (CellResult("acme/draw/pixels/16:9", "m", "16:9", "2K", "2752x1536", "", "1536x2752", "fail", "ab12"),),
        "lifecycles": ({"case": "acme/draw/lifecycles/run", "trace": [{"t": 0.1, "status": "queued", "progress": None}]},),
        "exchanges": ({"id": "e1", "case": "acme/draw/parameters/base", "request": {"method": "POST"}, "status": 200, "times": {"seconds": 0.25}, "digest": None},),
        **more,
    })
