"""``python -m proofsheet.contract FOLDER...``: validate spec folders and print what is in them."""

import sys
from pathlib import Path

from proofsheet.contract import ContractError, load_contract


def main(folders: list[str]) -> int:
    """Print a line for each operation, or the error. Exit 4 when a folder does not validate."""
    for name in folders:
        folder = Path(name).resolve()
        try:
            contract = load_contract(folder.name, folder.parent)
        except ContractError as error:
            print(error, file=sys.stderr)
            return 4
        matrix = contract.matrix
        excluded = sum(1 for requirement in matrix.requirements if requirement.excluded)
        print(f"{contract.provider}: {len(matrix.requirements)} requirements ({excluded} excluded), {len(matrix.disputes)} disputes")
        for operation in contract.operations:
            print(f"  {operation.key}: {operation.endpoint.method} {operation.endpoint.path}, roles {', '.join(operation.roles)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
