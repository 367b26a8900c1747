"""The pytest plugin: ``pytest suites --target NAME`` performs a run, one item a case."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from proofsheet.cases.build import shuffled
from proofsheet.cases.model import Case
from proofsheet.contract import ContractError
from proofsheet.exchange.targets import TargetError
from proofsheet.recording.errors import RecordingError
from proofsheet.reference.process import NotStartedError
from proofsheet.results.errors import ReportError
from proofsheet.results.model import AREAS, Finding
from proofsheet.session.flags import FLAGS, Flag, options_of
from proofsheet.session.interrupts import INTERRUPTED
from proofsheet.session.options import Options, Unreachable, UsageError
from proofsheet.session.run import TargetRun
from proofsheet.session.runs import Runs

RUNS = pytest.StashKey[Runs]()
#: Why there is no run. Other plugins wrap the hooks of the collection, so it is not raised there.
PROBLEM = pytest.StashKey[Exception]()
#: Errors whose message is all that a user needs.
USAGE_ERRORS = (UsageError, TargetError, ContractError, NotStartedError, ReportError)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run, as ``proofsheet verify`` has them."""
    group = parser.getgroup("proofsheet", "conformance of image-generation APIs")
    group.addoption("--target", metavar="NAME", help="the target to verify, from --targets; 'reference' is the embedded reference gateway")
    for flag in FLAGS:
        group.addoption(flag.name, **_argparse(flag))


def _argparse(flag: Flag) -> dict[str, Any]:
    """A flag in the terms of pytest's parser."""
    words = flag.help[0].lower() + flag.help[1:].rstrip(".")
    if flag.kind == "switch":
        return {"action": "store_true", "help": words}
    if flag.many:
        return {"action": "append", "default": [], "metavar": flag.metavar, "help": words}
    if flag.choices:
        return {"choices": flag.choices, "default": flag.default, "help": words}
    return {"type": {"count": int, "number": float}.get(flag.kind), "default": flag.default, "metavar": flag.metavar, "help": words}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that says which area a suite shows."""
    config.addinivalue_line("markers", "area(name): the cases of this area are this suite's items")


def _options(config: pytest.Config) -> Options:
    try:
        return options_of({flag.key: config.getoption(flag.name) for flag in FLAGS}, config.getoption("--target"))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """A run sends concurrently by itself: what ``-n`` asks for is there without more processes."""
    if getattr(config.option, "numprocesses", None) and any(_is_suite(Path(config.invocation_params.dir, name.partition("::")[0])) for name in config.args):
        config.option.numprocesses, config.option.dist = None, "no"
    return (yield)


def _is_suite(path: Path) -> bool:
    from proofsheet.session.verify import suites_root

    return path.resolve().is_relative_to(suites_root())


def _runs(config: pytest.Config) -> Runs:
    """The runs of this session, prepared at the first suite that asks for cases. What is wrong with them is told after the collection."""
    if RUNS not in config.stash:
        if os.environ.get("PYTEST_XDIST_WORKER"):
            raise pytest.UsageError("a run sends concurrently by itself and is not split over processes: leave out -n")
        runs = Runs(_options(config))
        config.stash[RUNS] = runs
        config.add_cleanup(runs.interrupts.__enter__().end)
        try:
            runs.prepare()
        except (*USAGE_ERRORS, RecordingError) as error:
            runs.stop()
            runs.runs.clear()
            config.stash[PROBLEM] = error
    return config.stash[RUNS]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item for each case of the suite's area."""
    marker = metafunc.definition.get_closest_marker("area")
    if marker is None or "verified" not in metafunc.fixturenames:
        return
    runs = _runs(metafunc.config)
    runs.interrupts.check()
    chosen = [(run, case) for run in runs.runs for case in run.selected if case.area == marker.args[0]]
    several = len({run.target.name for run, _ in chosen}) != len({run.target.provider for run, _ in chosen})
    ids = [f"{run.target.name}:{case.id}" if several else case.id for run, case in chosen]
    metafunc.parametrize("verified", chosen, ids=ids, indirect=True)


def _pair(item: pytest.Item) -> tuple[TargetRun, Case] | None:
    """The run and the case of an item; None for an item of another kind."""
    callspec = getattr(item, "callspec", None)
    pair = callspec.params.get("verified") if callspec is not None else None
    return pair if isinstance(pair, tuple) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """An area in which no case was chosen has no item: pytest would show an empty one as skipped."""
    problem = config.stash.get(PROBLEM, None)
    if isinstance(problem, RecordingError):
        raise pytest.exit.Exception(str(problem), returncode=2)
    if problem is not None:
        raise pytest.UsageError(str(problem))
    items[:] = [item for item in items if "verified" not in getattr(item, "fixturenames", ()) or _pair(item) is not None]
    # The order in which requests are sent: what reads balances comes last, and is not waited for first.
    items.sort(key=lambda item: AREAS.index(pair[1].area) if (pair := _pair(item)) is not None else -1)
    runs = config.stash.get(RUNS, None)
    items[:] = shuffled(items, runs.options.seed if runs is not None else 0)


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """What a gateway must be configured with, where the model behind it is played too."""
    runs = config.stash.get(RUNS, None)
    return (runs.upstream_told or "").splitlines() if runs is not None else []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Begin to send when the collection is settled: what was deselected is not sent."""
    runs = session.config.stash.get(RUNS, None)
    if runs is not None and not session.config.option.collectonly and not session.testsfailed:
        wanted: dict[int, list[Case]] = {}
        for item in session.items:
            pair = _pair(item)
            if pair is not None:
                wanted.setdefault(id(pair[0]), []).append(pair[1])
        for run in runs.runs if not runs.eager else ():
            runs.narrow(run, {case.id for case in wanted.get(id(run), [])})
        try:
            runs.start()
            for run in runs.runs:
                runs.interrupts.check()
                run.check_gateway()
        except (Unreachable, RecordingError, UsageError, ReportError) as error:
            runs.stop()
            raise pytest.exit.Exception(str(error), returncode=2 if isinstance(error, (Unreachable, RecordingError)) else 4) from None
    return (yield)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Send nothing more, write the reports, set the exit code."""
    runs = session.config.stash.get(RUNS, None)
    if runs is None:
        return
    started = any(run.engine is not None for run in runs.runs)
    if started and exitstatus != pytest.ExitCode.USAGE_ERROR:
        # Pressed at the last case, Ctrl-C has met no check any more.
        stopped = INTERRUPTED if runs.interrupts.asked else _why_stopped(session, exitstatus)
        try:
            code = runs.conclude(complete=stopped is None, reason=stopped)
            session.exitstatus = 2 if exitstatus == pytest.ExitCode.INTERRUPTED or runs.interrupts.asked else code
        except ReportError as error:
            session.exitstatus = 4
            print(f"proofsheet: {error}", file=sys.stderr)  # noqa: T201 -- under verify there is no terminal plugin
    if not runs.eager:  # else they belong to whoever handed them over
        runs.stop()


def _why_stopped(session: pytest.Session, exitstatus: int) -> str | None:
    if exitstatus == pytest.ExitCode.INTERRUPTED or session.shouldstop:
        return INTERRUPTED if exitstatus == pytest.ExitCode.INTERRUPTED else str(session.shouldstop)
    return str(session.shouldfail) if session.shouldfail else None


@pytest.fixture
def verified(request: pytest.FixtureRequest) -> list[Finding]:
    """The findings of one case, judged when its exchanges have ended."""
    run, case = request.param
    assert isinstance(run, TargetRun)
    return run.verify(case)


class Nonconformity(AssertionError):
    """At least one finding of a case fails."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Stop before the next case where Ctrl-C was pressed and got lost on the way."""
    runs = item.config.stash.get(RUNS, None)
    if runs is not None:
        runs.interrupts.check()


def settle(findings: list[Finding]) -> None:
    """Pass, fail or skip a pytest item by its findings. Raises Nonconformity, or pytest's own outcomes."""
    broken = [finding for finding in findings if finding.verdict in ("fail", "error")]
    if broken:
        lines = [f"{f.check} ({f.requirement}): {f.message}\n  expected {f.expected}\n  actual   {f.actual}" for f in broken]
        pytest.fail("\n".join([*lines, *( [broken[0].curl] if broken[0].curl else [])]), pytrace=False)
    listed = [finding for finding in findings if finding.verdict in ("known_failure", "flaky")]
    if listed:
        pytest.xfail(f"{listed[0].verdict}: {listed[0].message}")
    unproven = [finding for finding in findings if finding.verdict in ("not_testable", "not_supported", "not_run")]
    if unproven and len(unproven) == len(findings):
        pytest.skip(f"{unproven[0].verdict}: {unproven[0].message}")
