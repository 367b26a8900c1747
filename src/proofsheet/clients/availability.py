"""Which of other people's clients are there on this machine. Nothing is installed, and nothing of theirs is run."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from proofsheet.contract.clients import Sdk

#: The folder that holds ``node_modules``; the current one where it is not set.
NODE_FOLDER = "PROOFSHEET_NODE"


def node_folder() -> Path:
    """Where packages of Node are looked for."""
    return Path(os.environ.get(NODE_FOLDER) or ".").resolve()


def lacking(sdks: Iterable[Sdk]) -> Mapping[str, str]:
    """Why an SDK cannot be used here, by its id; those that can are not in it."""
    reasons = {sdk.id: _why_not(sdk) for sdk in sdks}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def _why_not(sdk: Sdk) -> str | None:
    if sdk.runtime == "node" and shutil.which("node") is None:
        return f"{sdk.title} needs Node, which is not there"
    absent = [name for name in sdk.packages if not (_in_node(name) if sdk.runtime == "node" else _in_python(name))]
    where = f" in {node_folder()}" if sdk.runtime == "node" else ""
    return f"{' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} not installed{where}: {sdk.install}" if absent else None


def _in_node(package: str) -> bool:
    folder = node_folder()
    return any((one / "node_modules" / package / "package.json").is_file() for one in (folder, *folder.parents))


def _in_python(package: str) -> bool:
    """Whether a distribution of this name is there: the name to import may be another."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(package)
    except PackageNotFoundError:
        return importlib.util.find_spec(package) is not None if package.isidentifier() else False
    return True
