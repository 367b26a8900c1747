"""The command line. Each command loads only what it uses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from proofsheet import __version__
from proofsheet.session.flags import FLAGS, PLANNING, Flag, options_of
from proofsheet.session.options import Options

USAGE = 4


class _Group(click.Group):
    """Usage errors leave with 4, as everywhere in this tool; click's own 2 means an incomplete run here."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The whole program: whatever comes of it, it ends with its exit code."""
        from proofsheet.session.interrupts import leave

        code: Any = 2
        try:
            self.main(*args, **kwargs)
        except SystemExit as error:
            code = error.code
        except KeyboardInterrupt:  # after the command had ended
            pass
        leave(code)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        try:
            return sys.exit(super().main(*args, **kwargs) or 0)
        except click.UsageError as error:
            error.show()
            sys.exit(USAGE)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (click.exceptions.Exit, click.exceptions.Abort) as error:
            sys.exit(getattr(error, "exit_code", 2))


class _Fault(click.ClickException):
    """One clear line, and the exit code for wrong usage or configuration."""

    exit_code = USAGE


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="proofsheet")
def main() -> None:
    """Conformance and contract tests for image-generation APIs, claim by claim, down to the pixels."""


def _flags(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the flags of a run."""
    return _with(FLAGS, command)


def _planning_flags(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the flags of a run that decide what it sends."""
    return _with([flag for flag in FLAGS if flag.name in PLANNING], command)


def _with(flags: Sequence[Flag], command: Callable[..., int]) -> Callable[..., int]:
    for flag in reversed(flags):
        command = click.option(flag.name, **_click(flag))(command)
    return command


def _click(flag: Flag) -> dict[str, Any]:
    """A flag in click's terms."""
    if flag.kind == "switch":
        return {"is_flag": True, "help": flag.help}
    types: dict[str, Any] = {
        "folder": click.Path(path_type=Path, file_okay=False, exists=flag.exists),
        "file": click.Path(path_type=Path, dir_okay=False, exists=flag.exists),
        "path": click.Path(path_type=Path),
        "count": click.IntRange(min=flag.least),
        "number": click.FloatRange(min=0, min_open=True),
    }
    kind = click.Choice(flag.choices) if flag.choices else types.get(flag.kind)
    metavar = None if flag.choices else flag.metavar
    return {"type": kind, "metavar": metavar, "default": flag.default, "show_default": isinstance(flag.default, str), "multiple": flag.many, "help": flag.help}


@main.command()
@click.argument("target", required=False)
@_flags
def verify(target: str | None, **given: Any) -> int:
    """Verify TARGET against its provider's documented contract, and write the reports.

    With no TARGET, start the embedded reference gateway on free loopback ports and verify every provider on it.
    """
    from proofsheet.session.verify import verify as run

    return run(_options(target, given))


def _options(target: str | None, given: dict[str, Any]) -> Options:
    """The options of a run. Raises UsageError where flags do not go together."""
    if target and given["base_url"]:
        raise click.UsageError("name a TARGET or give --base-url, not both")
    if given["credential"] and not given["base_url"]:
        raise click.UsageError("--credential goes with --base-url; a target of the file names its variables there")
    _check_mode(given)
    try:
        return options_of(given, target)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _check_mode(given: dict[str, Any]) -> None:
    """Options that go with one mode alone. Raises UsageError."""
    if "mode" not in given:
        return
    if given["keep_heads"] and given["mode"] != "record":
        raise click.UsageError("--keep-heads goes with --mode record")
    if given["max_age"] is not None and given["mode"] != "replay":
        raise click.UsageError("--max-age goes with --mode replay: it is about the age of a recording")
    if given["base_url"] and given["mode"] == "replay":
        raise click.UsageError("--base-url does not go with --mode replay: a recording knows its target")


@main.command()
@click.argument("target", required=False)
@_planning_flags
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), metavar="FILE", help="Write the plan as JSON ('-' is the terminal).")
def plan(target: str | None, file: Path | None, **given: Any) -> int:
    """Say what a run would send, cost and take, without sending anything.

    With no TARGET, plan for every provider on the embedded reference gateway. No key needs to be set.
    """
    from proofsheet.session.planning import plan as run

    return run(_options(target, given), file)


@main.command()
@click.option("--provider", required=True, metavar="P", help="Whose contract to keep.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port (default: a free one).")
@click.option("--specs", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Another folder of specs.")
@click.option("--fault", metavar="ID", multiple=True, help="A declared fault to serve (repeatable; 'proofsheet faults' lists them).")
@click.option("--variant", metavar="ID", multiple=True, help="Another way to keep the contract (repeatable).")
@click.option("--upstream", type=click.IntRange(1, 65535), metavar="PORT", help="The port of a model on this machine that makes the pictures (default: they are drawn).")
@click.option("--list-variants", is_flag=True, help="List those ways and stop.")
def serve(provider: str, port: int, specs: Path | None, fault: tuple[str, ...], variant: tuple[str, ...], upstream: int | None, list_variants: bool) -> int:
    """Serve the reference gateway on its own: conforming, in a permissive variant, or with declared faults."""
    from proofsheet.session import serve as session

    return session.list_variants(provider, specs) if list_variants else session.serve(provider, port, specs, fault, variant, upstream)


@main.command()
@click.argument("recorded", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="RUN")
@click.option("--specs", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Another folder of specs.")
@click.option("--only", metavar="PATTERN", multiple=True, help="Judge only cases whose id fits (* and **; repeatable).")
@click.option("--skip", metavar="PATTERN", multiple=True, help="Leave out cases whose id fits (repeatable).")
@click.option("--max-age", type=click.FloatRange(min=0, min_open=True), metavar="DAYS", help="Warn about an older recording; past twice the age the run is incomplete.")
@click.option("--report-dir", type=click.Path(path_type=Path), help="Where the reports go (default: reports/<run id>).")
@click.option("--require-proof", is_flag=True, help="A must that could not be tested makes the run incomplete.")
def judge(recorded: Path, **given: Any) -> int:
    """Judge a recording again with the installed specs; nothing is sent.

    RUN is a folder of cassettes (cassettes/TARGET), or the report directory of a run that was recorded or replayed.
    What newer specs ask and the recording lacks is not_testable.
    """
    from proofsheet.recording.errors import RecordingError
    from proofsheet.session.cassettes import set_of
    from proofsheet.session.verify import verify as run

    try:
        folder = set_of(recorded)
    except RecordingError as error:
        click.echo(f"proofsheet: {error}", err=True)
        return 2
    return run(Options(mode="replay", recording=folder, other_specs=True, **given))


@main.command()
@click.argument("earlier", type=click.Path(path_type=Path, exists=True), metavar="RUN")
@click.option("--report-dir", type=click.Path(path_type=Path), help="Where the reports go (default: reports/<run id>).")
@click.option("--specs", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Another folder of specs.")
def recheck(earlier: Path, report_dir: Path | None, specs: Path | None) -> int:
    """Fetch an earlier run's result URLs again, to see whether they live as long as documented.

    RUN is the report directory of a run that was sent. Nothing is paid and no key is needed. Inside the documented
    lifetime each URL must answer with the same bytes; after it, what is seen is information.
    """
    from proofsheet.session.recheck import recheck as run

    return run(earlier, report_dir, specs)


@main.command()
@click.argument("parts", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[RESULTS]...")
@click.option("--region", "regions", metavar="NAME=RESULTS", multiple=True, help="The results seen from one region (repeatable).")
@click.option("-o", "--output", "out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where the reports of the whole go.")
@click.option("--known", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE", help="The file of known failures (default: that of the parts).")
@click.option("--require-proof", is_flag=True, help="A must that could not be tested makes the result incomplete.")
def merge(parts: tuple[Path, ...], regions: tuple[str, ...], out: Path, known: Path | None, require_proof: bool) -> int:
    """Join the shards of one run, or the same run from several regions, into one result.

    RESULTS are the report directories that 'verify --shard I/N' has written, all N of them.
    """
    from proofsheet.session.merge import merge as join

    if bool(parts) == bool(regions):
        raise click.UsageError("name the RESULTS of all shards, or give --region NAME=RESULTS for each region")
    return join(parts, regions, out, known, require_proof=require_proof)


@main.group()
def cassettes() -> None:
    """Look after recordings."""


@cassettes.command("pin")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("cassettes"))
def cassettes_pin(folder: Path) -> int:
    """Corrupt each recorded request once in each place; a replay must notice every time.

    FOLDER is one set of cassettes or a folder of them (default: cassettes).
    """
    from proofsheet.session.cassettes import pin_sets

    return pin_sets(folder)


@main.command()
@click.option("--provider", metavar="P", help="The faults of one provider (default: of all).")
@click.option("--specs", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Another folder of specs.")
@click.option("--kill-matrix", is_flag=True, help="Run the harness against each fault and say which it caught.")
@click.option("--operator", metavar="NAME", multiple=True, help="Only faults of this operator (repeatable).")
@click.option("--fault", metavar="ID", multiple=True, help="With --kill-matrix: only this fault (repeatable).")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="With --kill-matrix: so many faults, chosen at random.")
@click.option("--seed", type=int, default=0, show_default=True, help="What the random choice begins with.")
@click.option("--all", "every", is_flag=True, help="With --kill-matrix: every fault, not one for each operator and set of requirements.")
@click.option("--compare-cases", "compare", is_flag=True, help="With --kill-matrix: try each fault with all cases too; a difference counts as a miss.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="With --kill-matrix: so many processes (default: one a processor).")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="With --kill-matrix: write every trial to a file.")
def faults(provider: str | None, specs: Path | None, **given: Any) -> int:
    """List the faults that the reference gateway can be started with, or show that the harness catches them."""
    if not given["kill_matrix"]:
        from proofsheet.session.serve import list_faults

        if given["fault"] or given["sample"] or given["every"] or given["jobs"] or given["file"]:
            raise click.UsageError("--fault, --sample, --all, --jobs and --json go with --kill-matrix")
        return list_faults(provider, specs, given["operator"])
    from proofsheet.killing.matrix import Choice
    from proofsheet.session.killing import kill_matrix

    return kill_matrix(Choice(
        provider=provider, operators=given["operator"], faults=given["fault"], sample=given["sample"], every=given["every"], jobs=given["jobs"],
        specs=specs, seed=given["seed"], compare=given["compare"],
    ), given["file"])  # fmt: skip


@main.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write it as Markdown too, for a chat message or a job's page ('-' for stdout, alone).")
@click.option("--json", "json_file", metavar="FILE", help="Write it as JSON too ('-' for stdout, alone).")
def compare(old: Path, new: Path, markdown_file: str | None, json_file: str | None) -> int:
    """Say what got worse from run OLD to run NEW, what got better, appeared, vanished, or was seen to be otherwise.

    OLD and NEW are report directories, or results.json files; of several targets each is compared with itself. Leaves
    with 1 where something got worse, with 0 where nothing did.
    """
    from proofsheet.session.compare import compare as run

    if markdown_file == json_file == "-":
        raise click.UsageError("--markdown - and --json - would both write to stdout: name a file for one of them")
    return run(old, new, markdown_file=markdown_file, json_file=json_file)


@main.group()
def known() -> None:
    """Look after the list of known failures."""


@known.command("add")
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), default=Path("known.yaml"), show_default=True, help="The list.")
@click.option("--only", metavar="PATTERN", multiple=True, help="Only failures whose case id or requirement id fits (repeatable).")
@click.option("--by-requirement", is_flag=True, help="One entry for each broken requirement, whatever case breaks it.")
@click.option("--reason", required=True, metavar="TEXT", help="Why they fail, in a sentence.")
@click.option("--link", required=True, metavar="URL", help="Where they are followed up.")
@click.option("--expires", required=True, metavar="DATE", help="The last day on which they count as known, such as 2027-01-31.")
def known_add(results: Path, file: Path, only: tuple[str, ...], by_requirement: bool, reason: str, link: str, expires: str) -> int:
    """Add the failures of RESULTS, a report directory or a results.json, to the list of known failures.

    One line a failure; lines and comments that are there stay as they are, and nothing is listed twice.
    """
    from proofsheet.session.known import add

    return add(results, file, only, reason=reason, link=link, expires=expires, by_requirement=by_requirement)


@main.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RESULTS...")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), default=Path("evaluation.html"), show_default=True, metavar="FILE", help="The page to write.")
@click.option("--csv", "table", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write every fact as a line of CSV too.")
@click.option("--no-thumbnails", "bare", is_flag=True, help="Leave the small prints of the pictures out.")
@click.option("--max-size", type=click.IntRange(min=1), default=1_900_000, metavar="BYTES", help="Name fewer cases where the page, prints apart, is larger (default: 1900000).")
def evaluate(results: tuple[Path, ...], output: Path, table: Path | None, bare: bool, max_size: int) -> int:
    """Compare vendors: one page (and CSV) from several targets' report directories.

    RESULTS are report directories of runs, live, recorded or simulated; the directory of a run over several targets
    stands for all of them.
    """
    from proofsheet.session.evaluate import evaluate as run

    return run(results, output, table, thumbnails=not bare, largest=max_size)


@main.command()
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), default=Path("reports/history.sqlite"), show_default=True, help="The file that keeps all runs.")
@click.option("--target", metavar="NAME", help="Only runs against this target.")
@click.option("--requirement", metavar="PATTERN", help="Requirements whose id fits (default: those that ever broke).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def history(file: Path, target: str | None, requirement: str | None, as_json: bool) -> int:
    """Tell what became of each requirement over the runs kept, how long images took, what was spent, and when something broke first."""
    from proofsheet.session.history import history as run

    return run(file, target=target, requirement=requirement, as_json=as_json)
