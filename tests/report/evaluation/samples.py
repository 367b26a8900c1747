"""Results of invented targets for the evaluation: a small one with everything in it, a huge one, an empty one, a poisoned one."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from proofsheet.exchange.redact import Redactor
from proofsheet.results.documents import from_document, to_document
from proofsheet.results.model import VERDICTS, CellResult, Finding, RequirementResult, Results
from proofsheet.results.writing import write_results

RATIOS, SIZES = ("1:1", "16:9", "9:16", "4:3"), ("512", "1K", "2K", "4K")
#: What a hostile target puts wherever it can.
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "' onmouseover='alert(3)",
    "javascript:alert(4)",
    "]]><svg onload=alert(5)>",
    "[x](javascript:alert(6))",
    "</style><script>alert(7)</script>",
    "{{7*7}}{% raw %}",
    "--><iframe src=javascript:alert(8)>",
    "</script><script>alert(9)</script>",
    "\u202e\x1b[31m\x00",
)
POISON = " ".join(PAYLOADS)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def finding(name: str, check: str, verdict: str = "pass", case: str = "base", **more: Any) -> Finding:
    area = check.partition(".")[0]
    return Finding(
        **{
            "check": check,
            "area": area,
            "case": f"acme/draw/{case}",
            "requirement": name,
            "level": "must",
            "verdict": verdict,
            "message": f"{check} was {verdict}",
            "expected": "as documented",
            "actual": "HTTP 200",
            "exchanges": ("x1",),
            **more,
        }
    )


def requirement(name: str, verdict: str = "passed", level: str = "must", **more: Any) -> RequirementResult:
    return RequirementResult(**{"id": name, "level": level, "statement": f"What {name} states.", "source": "doc:1-2", "verdict": verdict, "excluded": None, **more})


def cell(ratio: str, size: str, verdict: str = "pass", operation: str = "draw", actual: str | None = None, requested: str = "1024x576") -> CellResult:
    return CellResult(
        f"acme/{operation}/pixels/{ratio}@{size}",
        "brush-1",
        ratio,
        size,
        requested,
        "image/png",
        requested if actual is None else actual,
        verdict,
        digest(f"{ratio}{size}"),
        operation=operation,
        bytes=4711,
        seconds=0.25,
    )


def timing(size: str, seconds: float, how: str = "answer") -> dict[str, Any]:
    return {"case": "acme/draw/x", "operation": "draw", "model": "brush-1", "ratio": "1:1", "size": size, "images": 1, "seconds": seconds, "how": how}


def refusal(situation: str, status: int | None, **more: Any) -> dict[str, Any]:
    return {
        "case": f"acme/draw/errors/{situation}",
        "operation": "draw",
        "situation": situation,
        "provoked": situation,
        "documented": str(status),
        "codes": [],
        "status": status,
        "problem": None,
        "code": "some_code",
        "message": "no",
        "retry_after": "",
        "retry_advice": "",
        "seconds": 0.1,
        **more,
    }


def lifecycle(case: str = "lifecycles/run", outcome: str = "served") -> dict[str, Any]:
    end = ("done", "succeeded") if outcome == "served" else ("failed", "failed")
    states = [(0.5, "queued", "running", 0), (1.0, "drawing", "running", 50), (2.5, *end, 100)]
    return {"case": f"acme/draw/{case}", "outcome": outcome, "task": "t", "trace": [{"t": t, "status": w, "state": s, "progress": p, "exchange": "x1"} for t, w, s, p in states]}


def example(name: str, outcome: str, sentence: str, **more: Any) -> dict[str, Any]:
    """What became of a documented example."""
    return {
        "id": name, "source": "doc:4-9", "kind": "curl", "text": "curl https://acme.example/draw", "outcome": outcome, "sentence": sentence,
        "case": f"acme/{name.replace('/', '/clients/example/')}", "declared": False, "requests": [], **more,
    }  # fmt: skip


def results(name: str = "candidate", provider: str = "acme", provenance: str = "live", **more: Any) -> Results:
    """A small target of which everything is known; one pixel cell is wrong and one claim warned."""
    findings = more.pop(
        "findings",
        (
            finding("acme.served", "parameters.served"),
            finding("acme.ratio", "pixels.ratio", case="pixels/1:1@512"),
            finding("acme.code", "errors.code", case="errors/key"),
            finding("acme.ratio", "pixels.ratio", "fail", case="pixels/16:9@2K", expected="2752x1536", actual="1536x2752", curl="curl -sS http://127.0.0.1/draw"),
            finding("acme.message", "errors.message", "warn", case="errors/rate", level="should"),
            finding("acme.open", "pixels.size", "info", case="pixels/1:1@512", level="info"),
            finding("acme.foreign", "lifecycles.isolated", "not_testable", case="lifecycles/foreign", message="no second account"),
            finding("acme.price", "billing.price", case="billing/price-size=1K", expected="2 credits", actual="2 credits"),
            finding("acme.price", "billing.price", "fail", case="billing/price-size=2K", expected="3 credits", actual="4 credits"),
        ),
    )
    counts = {verdict: sum(entry.verdict == verdict for entry in findings) for verdict in VERDICTS}
    listed = more.pop(
        "requirements",
        (
            requirement("acme.served"),
            requirement("acme.ratio", "failed"),
            requirement("acme.code"),
            requirement("acme.message", "warned", "should"),
            requirement("acme.open", "observed", "info"),
            requirement("acme.foreign", "unproven"),
            requirement("acme.price", "failed"),
            requirement("acme.model", "excluded", excluded="no client can see which model answered"),
        ),
    )
    target = {"name": name, "provider": provider, "base_url": "http://127.0.0.1:9301"}
    run = {
        "id": f"20261120T100000Z-{name[:4]}",
        "tool_version": "0.1.0",
        "started_at": "2026-11-20T10:00:00+00:00",
        "finished_at": "2026-11-20T10:01:00+00:00",
        "complete": True,
        "mode": "live",
        "provenance": provenance,
        "seed": 0,
        "tier": "full",
        "target": target,
        "specs_sha256": "0" * 64,
        **more.pop("run", {}),
    }
    summary = {
        "verdicts": counts,
        "conforms": not counts["fail"],
        "why": ["2 requirements are broken"] if counts["fail"] else [],
        "notes": [],
        "requests": 9,
        "paid_images": 4,
        "cases": 8,
        "requirements": {"total": 7, "passed": 2, "failed": 2, "unproven": 1, "excluded": 1},
        "spend": {"amount": "8.00", "unit": "credits", "usd": None},
        **more.pop("summary", {}),
    }
    return Results(
        **{
            "run": run,
            "summary": summary,
            "findings": tuple(findings),
            "requirements": tuple(listed),
            "cells": tuple(cell(ratio, size, *(("fail", "draw", "1536x2752") if (ratio, size) == ("16:9", "2K") else ())) for ratio in RATIOS for size in SIZES),
            "lifecycles": (lifecycle(), lifecycle("lifecycles/failure", "failed")),
            "timings": tuple(timing("1K", index / 10) for index in range(1, 25)),
            "refusals": (refusal("request", 400), refusal("key", 401), refusal("balance", 402), refusal("timeout", 408), refusal("rate", 429, retry_after="30")),
            "examples": (
                example("draw/quick", "works", "works as it is printed", requests=[{"exchange": "x1", "request": "POST /draw", "answer": "HTTP 200"}]),
                example("draw/wrong", "refused", "the documented example is refused", requests=[{"exchange": "x1", "request": "POST /draw", "answer": "HTTP 418"}]),
                example("draw/script", "cannot work", "the document's example cannot work: it names what is not there", kind="python", declared=True),
            ),
            "disputes": (
                {
                    "id": "acme.dispute.size",
                    "number": 3,
                    "statement": "Two pages differ.",
                    "readings": ["one", "other"],
                    "judged": "the first",
                    "sources": [{"document": "1", "lines": "2"}],
                    "requirements": ["acme.ratio"],
                    "seen": [],
                },
            ),
            "offer": {
                "unsupported": [],
                "operations": [],
                "prices": {
                    "unit": "credits",
                    "per": "image",
                    "relative": False,
                    "usd_per_unit": "0.01",
                    "rules": [
                        {"amount": str(index + 1), "usd": f"0.0{index + 1}", "when": {"size": size}, "operations": ["**"], "models": ["**"]} for index, size in enumerate(SIZES)
                    ],
                },
            },
            **more,
        }
    )


def empty(name: str = "empty") -> Results:
    """A run that saw nothing."""
    return results(
        name,
        findings=(),
        requirements=(),
        cells=(),
        lifecycles=(),
        timings=(),
        refusals=(),
        disputes=(),
        examples=(),
        offer={},
        summary={"conforms": None, "why": ["nothing listens"]},
        run={"complete": False},
    )


def huge(name: str, provider: str, findings: int = 5000) -> Results:
    """As many findings as a large contract gives; every twentieth fails with a message and a command of its own."""
    verdicts = ("pass",) * 15 + ("info", "pass", "pass", "warn", "fail")
    checks = ("parameters.refused", "errors.message", "pixels.ratio", "pixels.size", "lifecycles.status", "assets.reachable", "parameters.served")
    body = '{"prompt":"Cyberpunk city at night, neon lights","size":"16:9","resolution":"2K","seed":%d}'
    found = tuple(
        finding(
            f"{provider}.claim.{number % 400}",
            checks[number % 7],
            verdicts[number % 20],
            f"parameters/field_{number % 60}/invalid/scenario-{number}",
            message="the value was served though the document forbids it" if number % 20 > 17 else "as documented",
            actual=f"HTTP {200 + number % 3}",
            curl=f"curl -sS -i http://127.0.0.1:9301/v1/images -H 'Content-Type: application/json' -H \"Authorization: Bearer $KEY\" --data-raw '{body % number}'"
            if number % 20 > 17
            else "",
        )
        for number in range(findings)
    )
    listed = tuple(
        requirement(
            f"{provider}.claim.{number}", "failed" if number % 20 == 19 else "passed", statement=f"Field {number} out of its range is refused with a message that names it."
        )
        for number in range(400)
    )
    ratios = ("1:1", "1:4", "1:8", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1", "9:16", "16:9", "21:9")
    cells = tuple(cell(ratio, size, operation=operation) for ratio in ratios for size in SIZES for operation in ("draw", "draw-async"))
    return results(name, provider, findings=found, requirements=listed, cells=cells, lifecycles=tuple(lifecycle(f"parameters/field_{n}/valid/x") for n in range(120)))


def poisoned(name: str = "poisoned") -> Results:
    """Every text of a result that anyone but us could have written is an attack."""
    document = json.loads(json.dumps(to_document(results(name))))
    kept = {
        "area",
        "level",
        "verdict",
        "provenance",
        "mode",
        "tier",
        "check",
        "situation",
        "started_at",
        "how",
        "state",
        "seconds",
        "conforms",
        "size",
        "amount",
        "per",
        "usd",
        "unit",
        "schema_version",
    }
    poison = _poison(document, kept)
    for example, was in zip(poison["examples"], document["examples"], strict=True):
        example |= {"kind": was["kind"], "outcome": was["outcome"]}  # words of ours, and no others are read
    return from_document(poison)


def _poison(value: Any, kept: set[str], name: str = "") -> Any:
    if isinstance(value, str):
        return value if name in kept else f"{value} {POISON}"
    if isinstance(value, Mapping):
        return {key: inner if key == "files" else _poison(inner, kept, key) for key, inner in value.items()}
    return [_poison(inner, kept, name) for inner in value] if isinstance(value, list) else value


def written(folder: Path, result: Results, *, prints: bool = False) -> Path:
    """The report directory of a result, with a small print of each cell where asked for."""
    if prints:
        (folder / "thumbnails").mkdir(parents=True)
        for entry in result.cells:
            if entry.digest:
                buffer = io.BytesIO()
                Image.new("RGB", (160, 90), (40, 90, 160)).save(buffer, "WEBP", quality=60)
                (folder / "thumbnails" / f"{entry.digest}.webp").write_bytes(buffer.getvalue())
    write_results(folder, replace(result, files={}), Redactor({}))
    return folder
