"""``python -m proofsheet.contract FOLDER...``: validate spec folders and print what is in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from proofsheet.contract import Contract, ContractError, load_contract
from proofsheet.contract.examples import examples_of


def main(folders: list[str]) -> int:
    """Print a line for each operation and warnings, or the error. Exit 4 when a folder does not validate."""
    if not folders:
        print("name one or more folders of specs, such as specs/acme", file=sys.stderr)
        return 4
    for name in folders:
        folder = Path(name).resolve()
        try:
            contract = load_contract(folder.name, folder.parent)
            examples_of(contract)
            warnings = list(_warnings(contract))
        except ContractError as error:
            print(error, file=sys.stderr)
            return 4
        print("\n".join([*_summary(contract), *(f"warning: {warning}" for warning in warnings)]))
    return 0


def _summary(contract: Contract) -> Iterator[str]:
    matrix = contract.matrix
    excluded = sum(1 for requirement in matrix.requirements if requirement.excluded)
    yield f"{contract.provider}: {len(matrix.requirements)} requirements ({excluded} excluded), {len(matrix.disputes)} disputes"
    for operation in contract.operations:
        yield f"  {operation.key}: {operation.endpoint.method} {operation.endpoint.path}, roles {', '.join(operation.roles)}"


def _warnings(contract: Contract) -> Iterator[str]:
    """What the other readers of the folder would stumble over. They stand behind the contract, so only this command knows them."""
    from proofsheet.cases.unmatched import unmatched
    from proofsheet.reference.wording import read_wording

    if (Path(contract.folder) / "reference.yaml").is_file():
        read_wording(contract)
    else:
        yield f"{contract.folder}/reference.yaml is missing: the provider can be verified, but the reference gateway cannot serve it"
    yield from unmatched(contract)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
