"""``proofsheet serve`` and ``proofsheet faults``."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import click
import yaml

from proofsheet.contract import ContractError, load_contract, provider_names
from proofsheet.reference.faults import fault_ids
from proofsheet.reference.process import NotStartedError, start_reference
from proofsheet.reference.variants import variants_of
from proofsheet.reference.wording import read_wording


def serve(provider: str, port: int, specs: Path | None, faults: tuple[str, ...], variants: tuple[str, ...] = (), upstream: int | None = None) -> int:
    """Serve until interrupted; print where, and a target for targets.toml."""
    try:
        process = start_reference([provider], specs, faults, port, variants, upstream)
    except NotStartedError as error:
        click.echo(f"proofsheet: {error}", err=True)
        return 4
    with process:
        served = process.providers[provider]
        click.echo(f"{provider} on http://127.0.0.1:{served.port} (simulated{', with faults' if faults else ''}); Ctrl-C ends it")
        if upstream is not None:
            click.echo(f"each picture is asked of the model on 127.0.0.1:{upstream}")
        click.echo(yaml.safe_dump({"keys": dict(served.target["credentials"])}, sort_keys=False).rstrip())
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


def list_variants(provider: str, specs: Path | None) -> int:
    """Print the variants of a provider, a line each."""
    try:
        for variant in variants_of(provider, specs):
            click.echo(f"{variant.id}: {variant.title}")
    except ContractError as error:
        click.echo(f"proofsheet: {error}", err=True)
        return 4
    return 0


def list_faults(provider: str | None, specs: Path | None, operators: tuple[str, ...] = ()) -> int:
    """Print the ids of all faults (or of these operators'), a line each."""
    try:
        for name in [provider] if provider else provider_names(specs):
            contract = load_contract(name, specs)
            for fault in fault_ids(contract, read_wording(contract)):
                if not operators or fault.partition(":")[0] in operators:
                    click.echo(f"{name} {fault}")
    except ContractError as error:
        click.echo(f"proofsheet: {error}", err=True)
        return 4
    return 0
