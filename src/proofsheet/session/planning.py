"""``proofsheet plan``: what a run would send and cost, without sending anything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click

from proofsheet.cases.build import build_cases
from proofsheet.cases.sharing import share
from proofsheet.cases.surroundings import Pictures
from proofsheet.cases.tiers import in_tier
from proofsheet.contract import ContractError, load_contract, provider_names
from proofsheet.contract.clients import with_clients
from proofsheet.contract.relay import with_relay
from proofsheet.exchange.targets import Target, TargetError, target_from_mapping
from proofsheet.money.amounts import AmountError, parse_amount
from proofsheet.money.prices import usd_rate
from proofsheet.planning.plan import Plan, plan_of
from proofsheet.reference.gateway import Gateway
from proofsheet.reference.targets import target_of
from proofsheet.reference.wording import read_wording
from proofsheet.report.plan import plan_document, plan_text
from proofsheet.session.options import Options, UsageError
from proofsheet.session.run import default_tier, surroundings_of
from proofsheet.session.runs import REFERENCE, check_features, named_target, on_loopback
from proofsheet.session.shards import split

#: Addresses that stand for the pictures that a run would serve; nothing is sent to them.
_PICTURES = Pictures(base="http://127.0.0.1:9", unreachable="http://127.0.0.1:9/unreachable")
#: A port that stands for the one that the reference gateway would get.
_PORT = 9


class _AnyKey(Mapping[str, str]):
    """Environment variables that all hold a key: a plan sends none, so it needs none."""

    def __getitem__(self, name: str) -> str:
        return f"key-of-{name}"

    def get(self, name: str, default: object = None) -> str:
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def plan(options: Options, file: Path | None) -> int:
    """Print the plan of each target, or write it as JSON (``-`` is the terminal). Returns the exit code."""
    try:
        plans = [_plan(options, target) for target in _targets(options)]
        if file is not None:
            _write(file, json.dumps(plan_document(plans, options.max_spend), indent=1, ensure_ascii=False) + "\n")
        else:
            click.echo("\n".join(plan_text(one) for one in plans), nl=False)
    except (UsageError, TargetError, ContractError, AmountError) as error:
        click.echo(f"proofsheet: {error}", err=True)
        return 4
    return 0


def _write(file: Path, text: str) -> None:
    if str(file) == "-":
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror or error}); name another file with --json") from None


def _targets(options: Options) -> list[Target]:
    """As a run would have them. Raises UsageError, TargetError."""
    named = named_target(options, _AnyKey())
    if named is not None:
        return [named]
    return [_reference(name, options.specs) for name in ([options.provider] if options.provider else provider_names(options.specs))]


def _reference(provider: str, specs: Path | None) -> Target:
    """The embedded reference gateway as a target, without starting it, at the pace of the provider whose documents it keeps."""
    contract = load_contract(provider, specs)
    gateway = Gateway(contract, read_wording(contract))
    raw = target_of(provider, _PORT, gateway.accounts.keys, contract.prices.unit if contract.prices else "units")
    return replace(target_from_mapping(provider, {key: value for key, value in raw.items() if key not in ("reference_image_url", "pace")}), name=f"{REFERENCE}-{provider}")


def _plan(options: Options, target: Target) -> Plan:
    contract = load_contract(target.provider, options.specs)
    if options.upstream is not None:
        contract = with_relay(contract, options.specs)
    if options.uses_clients:
        contract = with_clients(contract, options.specs)
    check_features(target, [feature.id for feature in contract.features])
    if options.max_spend is not None:
        parse_amount(options.max_spend, contract, usd_rate(contract, target))
    tier = options.tier or default_tier(target)
    everything = build_cases(contract, surroundings_of(target, _PICTURES if on_loopback(target) else Pictures(), contract.clients.sdks))
    selected = share([case for case in in_tier(contract, everything, tier) if options.selects(case.id)], contract.matrix, pairs=tier != "smoke")
    if options.shard is not None:
        selected = tuple(split(selected, *options.shard)[0])
    if not selected:
        raise UsageError("no case is left by --only and --skip: they are patterns of whole case ids, such as '*/*/pixels/**'")
    return plan_of(contract, target, tier, everything, selected)
