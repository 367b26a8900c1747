"""How many small mistakes in the harness's own guards its tests notice.

    python benchmarks/mutation.py --package checks|contract [--sample N --seed S] [--jobs J] [--only NAME]

Each mutant is one edit of one module's syntax tree: a comparison loosened or turned round, ``and`` for ``or``, a ``not`` left out,
a condition always or never met, a number one off, a truth value flipped. Lengths of quotations for people (slices from 40 on) and annotations are left.
The tree is copied first: what is edited and tested is the copy, whatever happens to the tree meanwhile. For each edit, a forked process imports
the copy with the edited module in it and runs the package's tests, those of the module first, until one fails.
Prints the score, and each edit that no test noticed. What takes longer than the limit counts as noticed, and is counted apart.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
QUIET = ["-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
#: What runs for a package. Left out of the contract's is test_documented.py: runs against a served provider, longer than all others together.
TESTS = {
    "checks": ["tests/checks"],
    "contract": ["tests/contract", "tests/specs/test_traceability.py", "--ignore=tests/contract/test_documented.py"],
}
TURNS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
UNEDITED = {"annotation", "returns", "decorator_list"}
QUOTED = 40


@dataclass(frozen=True)
class Mutant:
    """One edit: what stands at ``slot`` of a node of the module's tree, and what is to stand there."""

    folder: Path
    path: Path
    tree: ast.Module
    parent: ast.AST
    slot: tuple[str, int | None]
    before: ast.expr
    after: ast.expr

    def __str__(self) -> str:
        return f"{self.path.relative_to(self.folder)}:{self.before.lineno}:{self.before.col_offset + 1}: {ast.unparse(self.before)} → {ast.unparse(self.after)}"

    def compiled(self) -> CodeType:
        """The edited module; edits the tree, so it's for a process of its own."""
        field, index = self.slot
        if index is None:
            setattr(self.parent, field, self.after)
        else:
            getattr(self.parent, field)[index] = self.after
        return compile(ast.fix_missing_locations(self.tree), str(self.path), "exec")


def mutants(path: Path, folder: Path) -> Iterator[Mutant]:
    """Every edit of a module of the tree in ``folder``, in the order of its lines."""
    tree = ast.parse(path.read_text("utf-8"))
    for parent, slot, node in _slots(tree):
        tests = slot[0] in {"test", "ifs"} and ast.unparse(node) != "TYPE_CHECKING"
        for after in (*_edits(node), *(_forced(node, parent) if tests else ())):
            yield Mutant(folder, path, tree, parent, slot, node, ast.copy_location(after, node))


def _slots(parent: ast.AST) -> Iterator[tuple[ast.AST, tuple[str, int | None], ast.expr]]:
    """Each place of an expression in a tree."""
    for field, value in ast.iter_fields(parent):
        if field in UNEDITED:
            continue
        several = isinstance(value, list)
        for index, node in enumerate(value if several else [value]):
            if isinstance(node, ast.expr):
                yield parent, (field, index if several else None), node
            if isinstance(node, ast.AST) and not _is_quotation(node):
                yield from _slots(node)


def _is_quotation(node: ast.AST) -> bool:
    return isinstance(node, ast.Slice) and isinstance(node.upper, ast.Constant) and isinstance(node.upper.value, int) and node.upper.value >= QUOTED


def _edits(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            for turned in TURNS[type(operator)]:
                ops = [turned() if at == index else kept for at, kept in enumerate(node.ops)]
                yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield from (ast.Constant(node.value + step) for step in (1, -1))


def _forced(node: ast.expr, parent: ast.AST) -> Iterator[ast.expr]:
    if not isinstance(parent, ast.While):
        yield ast.Constant(True)
    yield ast.Constant(False)


class Edited(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module its edited code."""

    def __init__(self, name: str, place: Path, code: CodeType) -> None:
        self.name, self.place, self.code = name, place, code

    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        """The module, where it is the one."""
        if fullname != self.name:
            return None
        package = [str(self.place.parent)] if self.place.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(fullname, self.place, loader=self, submodule_search_locations=package)

    def get_code(self, fullname: str) -> CodeType:
        """The same for ``runpy``."""
        return self.code

    def exec_module(self, module: ModuleType) -> None:
        """Run the edited code."""
        exec(self.code, module.__dict__)


def copied(folder: Path) -> None:
    """The tracked and new files of this tree, in a place of their own."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)


def forget(folder: Path) -> None:
    """Unload what belongs to the copy: each mutant imports it anew, and the rest stays loaded."""
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(f"{folder}{os.sep}") or name.split(".")[0] in {"proofsheet", "tests"}:
            del sys.modules[name]


def started(mutant: Mutant, package: str) -> int:
    """A process that runs the tests against a mutant; its id."""
    process = os.fork()
    if process:
        return process
    os.setsid()
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    outcome = 1
    try:
        name = ".".join(mutant.path.relative_to(mutant.folder / "src").with_suffix("").parts).removesuffix(".__init__")
        sys.meta_path.insert(0, Edited(name, mutant.path, mutant.compiled()))
        own = f"tests/{package}/test_{mutant.path.stem}.py"
        stages = ([own], TESTS[package]) if (mutant.folder / own).is_file() else (TESTS[package],)
        outcome = int(next((ended for tests in stages if (ended := pytest.main([*QUIET, *tests]))), 0))
    finally:
        os._exit(outcome)


def clean(mutant: Mutant, package: str) -> bool:
    """Whether the tests pass the same way with an edit that changes nothing; forgets first what listing them has loaded."""
    forget(mutant.folder)
    return os.waitpid(started(replace(mutant, after=mutant.before), package), 0)[1] == 0


def noticed(chosen: Sequence[Mutant], package: str, jobs: int, limit: float) -> Iterator[tuple[Mutant, str]]:
    """What became of each mutant: noticed, late or survived."""
    waiting, running = list(reversed(chosen)), dict[int, tuple[Mutant, float]]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[started(mutant, package)] = (mutant, time.monotonic())
        time.sleep(0.01)
        for process, (mutant, begun) in list(running.items()):
            ended, outcome = os.waitpid(process, os.WNOHANG)
            late = not ended and time.monotonic() - begun > limit
            if late:
                os.killpg(process, signal.SIGKILL)
                os.waitpid(process, 0)
            if ended or late:
                del running[process]
                yield mutant, "late" if late else "noticed" if outcome else "survived"


def main() -> None:
    """Prints the score of a package."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--package", choices=sorted(TESTS), required=True)
    parser.add_argument("--sample", type=int, help="so many mutants, drawn with the seed; all without")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="only modules of this name")
    parser.add_argument("--limit", type=float, default=120, help="seconds a mutant")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        copied(folder)
        modules = sorted((folder / "src/proofsheet" / given.package).glob(f"{given.only or '*'}.py"))
        every = [mutant for path in modules for mutant in mutants(path, folder)]
        chosen = random.Random(given.seed).sample(every, min(given.sample, len(every))) if given.sample else every
        os.chdir(folder)
        os.environ |= {"PYTHONPATH": str(folder / "src"), "PROOFSHEET_CACHE": ""}  # What was kept of another run would hide an edit.
        sys.path[:0] = [str(folder / "src"), str(folder)]
        if not chosen:
            sys.exit("there is nothing to edit")
        if pytest.main([*QUIET, "--collect-only", "-qq", *TESTS[given.package]]) or not clean(every[0], given.package):
            sys.exit("the tests fail without any edit")
        print(f"{given.package}: {len(chosen)} of {len(every)} mutants", flush=True)
        counts = {"noticed": 0, "late": 0, "survived": 0}
        for mutant, outcome in noticed(chosen, given.package, given.jobs, given.limit):
            counts[outcome] += 1
            if outcome != "noticed":
                print(f"{outcome}  {mutant}", flush=True)
        os.chdir(ROOT)
    caught = counts["noticed"] + counts["late"]
    print(f"{given.package}: {caught} of {len(chosen)} noticed ({caught / max(len(chosen), 1):.1%}), {counts['late']} of them by taking too long")


if __name__ == "__main__":
    main()
