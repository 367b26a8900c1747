"""``proofsheet recheck RUN``: do an earlier run's result URLs live as long as documented? Free of charge, and without a key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from proofsheet import __version__
from proofsheet.checks.lifetime import Revisit
from proofsheet.contract import ContractError, load_contract
from proofsheet.contract.model import Contract
from proofsheet.exchange.assets import Assets, Fetched
from proofsheet.exchange.model import Exchange, Sent
from proofsheet.exchange.origins import address_class, literal_address
from proofsheet.exchange.redact import Redactor
from proofsheet.exchange.targets import Target
from proofsheet.report.directory import write_reports
from proofsheet.report.index import Entry, write_index
from proofsheet.report.terminal import print_summary
from proofsheet.results.entries import exchange_entry
from proofsheet.results.errors import ReportError, ResultsError
from proofsheet.results.lifetimes import lifetime_findings
from proofsheet.results.model import Results
from proofsheet.results.reading import read_results
from proofsheet.results.summary import INCOMPLETE, assess, exit_code, requirement_results, summary_of
from proofsheet.results.writing import prepare_directory, write_results
from proofsheet.session.folders import results_folders
from proofsheet.session.runs import new_run_id, together
from proofsheet.session.spending import summed_up

USAGE = 4
AT_ONCE = 8
_NO_SECRETS = Redactor({})


def recheck(run: Path, report_dir: Path | None = None, specs: Path | None = None, now: datetime | None = None) -> int:
    """Fetch every result URL of a run again, write a result of its own, print it. ``now`` is the present where a test moves the clock."""
    run_id = new_run_id()
    root = (report_dir or Path("reports") / run_id).resolve()
    try:
        folders = results_folders([run])
        entries = [_one(folder, root / name if len(folders) > 1 else root, specs, run_id, now) for name, folder in _named(folders)]
        if len(entries) > 1:
            write_index(root, entries)
    except (ResultsError, ReportError, ContractError) as error:
        click.echo(f"proofsheet: {error}", err=True)
        return USAGE
    except KeyboardInterrupt:
        click.echo("interrupted: nothing was written", err=True)
        return INCOMPLETE
    for entry in entries:
        print_summary(entry.results, str(root / entry.directory) if len(entries) > 1 else str(root))
    return together([exit_code(entry.results.summary) for entry in entries])


def _named(folders: Sequence[Path]) -> list[tuple[str, Path]]:
    return [(folder.name, folder) for folder in folders]


def _one(folder: Path, directory: Path, specs: Path | None, run_id: str, now: datetime | None) -> Entry:
    """Recheck one target's results. Raises ResultsError, ReportError, ContractError."""
    earlier = read_results(folder)
    if earlier.run["mode"] == "replay":
        raise ResultsError(folder, "was replayed from a recording, so that its URLs are not of its own time: name the run that was sent")
    if "recheck" in earlier.run:
        raise ResultsError(folder, "is itself a recheck: name the run whose images it looked at")
    prepare_directory(directory)
    contract = load_contract(str(earlier.run["target"]["provider"]), specs)
    started = datetime.now(UTC)
    images = list({image["url"]: image for image in earlier.images if image.get("url") and image.get("digest") and not image.get("problem")}.values())
    fetched = asyncio.run(_fetch(_target(earlier), contract, [str(image["url"]) for image in images]))
    at = now or datetime.now(UTC)
    revisits = [_revisit(image, found, digest, at) for image, (found, digest) in zip(images, fetched, strict=True)]
    results = _results(earlier, contract, images, revisits, [found.exchange for found, _ in fetched], run_id, started, at)
    written = write_results(directory, results, _NO_SECRETS)
    write_reports(directory, written)
    return Entry(directory.name, written)


def _target(earlier: Results) -> Target:
    """Whom the URLs belong to, without any key. Special addresses are not taken over: a report is a file that anyone may have edited."""
    facts = earlier.run["target"]
    hosts = facts.get("asset_hosts")
    return Target(
        name=facts["name"], provider=facts["provider"], base_url=facts["base_url"], paid=False,
        asset_hosts=None if hosts is None else tuple(_ordinary(hosts)), mirror_hosts=tuple(_ordinary(facts.get("mirror_hosts", ()))),
    )  # fmt: skip


def _ordinary(hosts: Iterable[str]) -> Iterable[str]:
    for host in hosts:
        address = literal_address(str(host))
        if address is None or address_class(address) != "forbidden":
            yield str(host)


async def _fetch(target: Target, contract: Contract, urls: Sequence[str]) -> list[tuple[Fetched, str | None]]:
    """Each URL once, with the digest of the picture behind it."""
    async with Assets(target, contract.assets.hosts, concurrency=AT_ONCE) as assets:

        async def one(url: str) -> tuple[Fetched, str | None]:
            found = await assets.fetch_asset(url)
            return found, None if found.problem else (await assets.inspect(found.exchange.body)).digest

        return await asyncio.gather(*(one(url) for url in urls))


def _revisit(image: Any, found: Fetched, digest: str | None, at: datetime) -> Revisit:
    age = (at - datetime.fromisoformat(image["since"])).total_seconds()
    return Revisit(str(image["url"]), max(age, 0.0), str(image["digest"]), digest, found.problem, found.detail)


def _results(
    earlier: Results, contract: Contract, images: Sequence[Any], revisits: Sequence[Revisit], exchanges: Sequence[Exchange], run_id: str, started: datetime, at: datetime
) -> Results:
    lifetime = contract.assets.lifetime
    silent = bool(revisits) and all(revisit.problem == "unreachable" for revisit in revisits)
    revisits = [replace(revisit, problem="silent") for revisit in revisits] if silent else revisits
    findings = [
        finding
        for image, revisit, exchange in zip(images, revisits, exchanges, strict=True)
        for finding in lifetime_findings(contract, str(image["case"]), revisit, Sent("GET", revisit.url, {}), exchange.id)
    ]
    requirements = [entry for entry in requirement_results(contract.matrix, findings) if "assets.lifetime" in entry.checks]
    reasons = ["nothing answered at any of the URLs: look at the network, or at whether the gateway still runs"] if silent else []
    if not revisits:
        reasons = ["the run has no result URL to fetch again"]
    past = lifetime is not None and bool(revisits) and all(revisit.age > lifetime for revisit in revisits)
    if past:
        reasons.append("every URL is past its documented time: nothing was left to prove")
    assessment = assess(findings, requirements, areas={"assets"} if revisits and not past else (), complete=True, reasons=reasons)
    run = {
        "id": run_id, "tool_version": __version__, "started_at": started.isoformat(timespec="milliseconds"),
        "finished_at": datetime.now(UTC).isoformat(timespec="milliseconds"), "complete": assessment.complete, "mode": "live",
        "provenance": earlier.run["provenance"], "seed": 0, "tier": earlier.run["tier"], "selection": {"only": [], "skip": [], "checks": ["assets.lifetime"]},
        "target": dict(earlier.run["target"]), "specs_sha256": contract.sha256,
        "recheck": {"of": earlier.run["id"], "at": at.isoformat(timespec="seconds"), "lifetime": lifetime, "urls": len(revisits)},
    }  # fmt: skip
    spend = summed_up(contract, _target(earlier), Fraction(0), contract.prices.unit if contract.prices else "none")
    return Results(
        run=run,
        summary=summary_of(findings, requirements, assessment, requests=len(exchanges), paid_images=0, spend=spend),
        findings=tuple(findings),
        requirements=tuple(requirements),
        exchanges=tuple(exchange_entry(exchange, str(image["case"]), _NO_SECRETS) for image, exchange in zip(images, exchanges, strict=True)),
        images=tuple(images),
    )
