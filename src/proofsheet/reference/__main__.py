"""``python -m proofsheet.reference --provider P``: serve the reference gateway, conforming, in a variant or with declared faults."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from pathlib import Path


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="proofsheet.reference", description="Serve the reference gateway on loopback.")
    parser.add_argument("--provider", action="append", required=True, help="a folder of specs (repeatable: each gets a port of its own)")
    parser.add_argument("--port", type=int, default=0, help="the first provider's port; the others follow (default: free ones)")
    parser.add_argument("--specs", type=Path, help="the folder of specs (default: those that are installed)")
    parser.add_argument("--fault", action="append", default=[], help="a fault's id (repeatable)")
    parser.add_argument("--key", action="append", default=[], metavar="NAME=KEY", help="an account's key (default: random)")
    parser.add_argument("--variant", action="append", default=[], help="a variant's id (repeatable): another way to keep the contract")
    parser.add_argument("--upstream", type=int, metavar="PORT", help="the loopback port of a model that makes the pictures (default: they are drawn here)")
    parser.add_argument("--list-variants", action="store_true", help="print the ids of every variant and stop")
    parser.add_argument("--list-faults", action="store_true", help="print the ids of every fault and stop")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input ends")
    return parser.parse_args(argv)


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def main(argv: list[str] | None = None) -> int:
    """Serve until stopped. Exit 4 when specs, faults or keys are wrong."""
    options = arguments(argv)
    if options.with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    from proofsheet.contract.errors import ContractError
    from proofsheet.reference.faults import FaultError, fault_ids
    from proofsheet.reference.server import load_gateway, serve
    from proofsheet.reference.variants import VariantError, variants_of

    keys = dict(pair.partition("=")[::2] for pair in options.key)
    try:
        gateways = [load_gateway(name, options.specs, keys, options.fault, options.variant, options.upstream) for name in options.provider]
        if options.list_faults:
            print("\n".join(id for gateway in gateways for id in fault_ids(gateway.contract, gateway.wording)))
            return 0
        if options.list_variants:
            print("\n".join(f"{name} {variant.id}: {variant.title}" for name in options.provider for variant in variants_of(name, options.specs)))
            return 0
        serve(gateways, options.port)
    except (ContractError, FaultError, VariantError) as error:
        print(error, file=sys.stderr)
        return 4
    except OSError as error:
        print(f"cannot listen on 127.0.0.1:{options.port}: {error.strerror}; choose another --port", file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
