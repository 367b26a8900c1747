"""A plan for people, and as JSON (``specs/schemas/plan.schema.json``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from proofsheet import __version__
from proofsheet.money.amounts import decimal_text
from proofsheet.planning.plan import PaidImage, Plan

SCHEMA_VERSION = "1.0"


def plan_text(plan: Plan) -> str:
    """The plan in lines."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    paid = "paid" if plan.target.paid else "unpaid: money is what it would cost"
    yield f"{plan.target.name}: {plan.target.provider} at {plan.target.base_url} ({paid}), tier {plan.tier}; nothing was sent"
    yield ""
    yield f" {'area':<12}{'smoke':>7}{'core':>7}{'full':>7}{'planned':>9}"
    for area, counts in plan.cases.items():
        yield f" {area:<12}{counts['smoke']:>7}{counts['core']:>7}{counts['full']:>7}{counts['planned']:>9}"
    yield ""
    yield from _images(plan)
    yield from _money(plan)
    yield _time(plan)
    yield ""
    yield f"Paid images ({len(plan.paid)} requests), and what each is needed for:"
    for one in plan.paid:
        yield from _paid(plan, one)


def _images(plan: Plan) -> Iterator[str]:
    bound = plan.bound
    yield f"requests  {plan.requests}, besides polls"
    share = f" ({plan.images / bound.images:.3f} x)" if bound.images else ""
    yield f"images    {plan.images}; no plan that shows the same can do with less than {bound.images}{share}:"
    yield f"          {bound.cells} preset cells, {bound.others} pictures that contradict every cell, {bound.counts} further images of requests for several"
    if plan.disputed:
        yield f"          and up to {plan.disputed} of requests that the documents leave open"


def _money(plan: Plan) -> Iterator[str]:
    yield f"cost      {_amount(plan.figures.expected, plan)} expected, {_amount(plan.figures.worst, plan)} at worst (everything is served, and wrong)"
    if plan.usd_per_unit is None:
        yield f"          in USD: not known; nobody says what one of {plan.unit} is worth (price.usd_per_unit)"


def _amount(amount: Fraction | None, plan: Plan) -> str:
    if amount is None:
        return "no documented price"
    usd = f" ({decimal_text(amount * plan.usd_per_unit)} USD)" if plan.usd_per_unit is not None and plan.unit.upper() != "USD" else ""
    return f"{decimal_text(amount)} {plan.unit}{usd}"


def _time(plan: Plan) -> str:
    minutes, seconds = divmod(round(plan.duration.seconds), 60)
    hours, minutes = divmod(minutes, 60)
    basis = "documented" if plan.duration.documented else "assumed: the documents are silent"
    spent = f"{hours} h {minutes:02d} min {seconds:02d} s"
    return f"time      about {spent} for {plan.duration.requests} requests, polls included, at {plan.duration.image_seconds:g} s an image ({basis})"


def _paid(plan: Plan, one: PaidImage) -> Iterator[str]:
    asks = ", ".join(f"{name}={value}" for name, value in one.asks.items()) or "nothing but a prompt"
    several = f"{one.images} images, " if one.images != 1 else ""
    disputed = ", in dispute: paid only if served" if one.disputed else ""
    yield f"  {one.case}  [{asks[:120]}]  {several}{_amount(one.amount, plan)}{disputed}"
    if len(one.shows) > 1:
        own = one.case.split("/", 1)[0] + "/"
        others = [case.removeprefix(own) for case in one.shows if case != one.case]
        yield f"      also {', '.join(others[:6])}{f' and {len(others) - 6} more' if len(others) > 6 else ''}"


def plan_document(plans: Sequence[Plan], max_spend: str | None) -> dict[str, Any]:
    """The plans as JSON."""
    return {"schema_version": SCHEMA_VERSION, "tool_version": __version__, "max_spend": max_spend, "plans": [_document(plan) for plan in plans]}


def _document(plan: Plan) -> dict[str, Any]:
    target, bound, duration = plan.target, plan.bound, plan.duration
    return {
        "target": {"name": target.name, "provider": target.provider, "base_url": target.base_url, "paid": target.paid},
        "tier": plan.tier,
        "cases": {area: dict(counts) for area, counts in plan.cases.items()},
        "requests": plan.requests,
        "images": {
            "planned": plan.images, "disputed": plan.disputed, "lower_bound": bound.images,
            "bound": {"cells": bound.cells, "others": bound.others, "counts": bound.counts},
            "ratio": round(plan.images / bound.images, 4) if bound.images else None,
        },
        "cost": {
            "unit": plan.unit, "expected": decimal_text(plan.figures.expected), "worst": decimal_text(plan.figures.worst),
            "usd_per_unit": None if plan.usd_per_unit is None else decimal_text(plan.usd_per_unit),
            "expected_usd": _usd(plan, plan.figures.expected), "worst_usd": _usd(plan, plan.figures.worst),
        },
        "duration": {"seconds": round(duration.seconds, 1), "requests": duration.requests, "image_seconds": duration.image_seconds, "documented": duration.documented},
        "paid": [
            {
                "case": one.case, "shows": list(one.shows), "asks": dict(one.asks), "images": one.images, "disputed": one.disputed,
                "amount": None if one.amount is None else decimal_text(one.amount), "usd": None if one.amount is None else _usd(plan, one.amount),
            }
            for one in plan.paid
        ],
    }  # fmt: skip


def _usd(plan: Plan, amount: Fraction) -> str | None:
    return None if plan.usd_per_unit is None else decimal_text(amount * plan.usd_per_unit)
