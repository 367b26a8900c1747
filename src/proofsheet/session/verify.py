"""``proofsheet verify``: a pytest run of the suites with our own words on the terminal."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from proofsheet.recording.errors import RecordingError
from proofsheet.report.progress import Progress
from proofsheet.report.terminal import print_summary
from proofsheet.results.errors import ReportError
from proofsheet.results.summary import INCOMPLETE
from proofsheet.session.collector import calm
from proofsheet.session.interrupts import INTERRUPTED
from proofsheet.session.options import Options, Unreachable
from proofsheet.session.runs import Runs

USAGE = 4


def suites_root() -> Path:
    """The folder of suites: inside the installed package, else at the top of the checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "suites"
    return inside if inside.is_dir() else package.parent.parent / "suites"


class _Quiet:
    """Takes pytest's words off the terminal, shows progress in their place, and keeps what went wrong."""

    def __init__(self) -> None:
        self.runs: Runs | None = None
        self.problem: str | None = None
        #: Whether Ctrl-C was answered with a word.
        self.told = False
        self._progress: Progress | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> object:
        from proofsheet.plugin import RUNS

        self.runs = session.config.stash.get(RUNS, None)
        if self.runs is not None:
            self._progress = Progress({run.target.name: run for run in self.runs.runs})
            self._progress.start()
        try:
            return (yield)
        except pytest.exit.Exception as error:
            self.problem = str(error.msg)
            raise
        finally:
            if self._progress is not None:
                self._progress.stop()

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if isinstance(excinfo.value, KeyboardInterrupt):
            self.told = True
            click.echo("interrupted: writing what was seen so far", err=True)


@calm()
def verify(options: Options) -> int:
    """Run the suites, print the summary, return the exit code."""
    quiet, runs = _Quiet(), Runs(options, eager=True)
    with runs.interrupts:
        try:
            code = _performed(runs, quiet)
        finally:
            runs.stop()
        if quiet.problem is not None:
            click.echo(f"proofsheet: {quiet.problem}", err=True)
        elif code != USAGE:
            _print(runs)
        return INCOMPLETE if runs.interrupts.asked and code != USAGE else code


def _performed(runs: Runs, quiet: _Quiet) -> int:
    """Prepare the runs and perform them; what went wrong is said in one line."""
    from proofsheet.plugin import USAGE_ERRORS

    try:
        try:
            runs.prepare()
            if runs.upstream_told is not None:
                click.echo(runs.upstream_told)
            code = _pytest(runs, quiet)
            if code != USAGE:
                runs.interrupts.check()
        except KeyboardInterrupt:
            return _interrupted(runs, quiet)
    except USAGE_ERRORS as error:
        click.echo(f"proofsheet: {error}", err=True)
        return USAGE
    except (Unreachable, RecordingError) as error:
        click.echo(f"proofsheet: {error}", err=True)
        return INCOMPLETE
    return code


def _interrupted(runs: Runs, quiet: _Quiet) -> int:
    """After Ctrl-C: what was seen so far is written, where it is not yet and nobody insists on leaving at once."""
    if runs.interrupts.insisted:
        runs.abandon()
        click.echo("interrupted again: some reports may be missing, or be those of an earlier run", err=True)
        return INCOMPLETE
    if not runs.results and any(run.engine is not None for run in runs.runs):
        runs.conclude(complete=False, reason=INTERRUPTED)
    if not quiet.told:
        click.echo("interrupted" if runs.results else "interrupted before anything was sent", err=True)
    return INCOMPLETE


def _print(runs: Runs) -> None:
    """The summary of each target that has one."""
    for run, results in zip(runs.runs, runs.results, strict=False):
        print_summary(results, _shown(run.directory))
    if len(runs.results) > 1:
        click.echo(f"\n{len(runs.results)} targets; index: {_shown(runs.directory / 'index.html')}")


def run_suites(runs: Runs) -> int:
    """Run the suites on prepared runs without a word; the exit code. The reference gateway stays up until ``runs.stop``."""
    return _pytest(runs, _Quiet())


def _pytest(runs: Runs, quiet: _Quiet) -> int:
    from proofsheet import plugin

    handed = _Handed(runs)
    page = runs.directory / "report.html"
    root = suites_root()
    # Only what a run needs: a plugin that happens to be installed must not change a verdict, and rewriting assertions
    # would parse while the engine's thread already works, which CPython 3.11 does not always survive. Nothing is captured:
    # suites print nothing, and what shows progress beside them would be swallowed.
    arguments = [
        str(root), "--rootdir", str(root), "-c", str(root / "pytest.ini"), "--disable-plugin-autoload", "-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin",
        "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:unraisableexception", "-p", "no:logging", "--assert=plain", "--capture=no",
        f"--html={page}", "--self-contained-html",
    ]  # fmt: skip
    try:
        return int(pytest.main(arguments, plugins=[plugin, handed, quiet]))
    except OSError as error:  # the page is written by pytest-html, which lets it through
        raise ReportError.of(page, error) from error


class _Handed:
    """Hands the prepared runs to the plugin before it would prepare its own."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def pytest_configure(self, config: pytest.Config) -> None:
        from proofsheet.plugin import RUNS

        config.stash[RUNS] = self._runs


def _shown(path: Path) -> str:
    """A path as a person would write it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
