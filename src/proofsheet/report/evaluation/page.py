"""The evaluation as one self-contained page. Whatever a target said goes through one gate: cut, cleaned, escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup

from proofsheet import __version__
from proofsheet.report.evaluation import marks
from proofsheet.report.evaluation.anchors import Anchors
from proofsheet.report.text import one_line
from proofsheet.results.evaluation import Chapter, Evaluation, Vendor
from proofsheet.results.evaluation_cells import Cell, Matrix

#: A print larger than this is none of ours.
LARGEST_PRINT = 64_000
#: Bytes of a page without its prints; what would be larger says less of each requirement.
LARGEST_PAGE = 1_900_000
#: Characters of one text; templates cut most shorter.
_LONGEST = 3000
_CONTENTS = (
    ("summary", "Summary"), ("pixels", "Pixel matrix"), ("sheet", "Proof sheet"), ("errors", "Errors"), ("lifecycles", "Lifecycles"), ("charges", "Charges"),
    ("examples", "Examples"), ("disputes", "Disputes"), ("requirements", "Requirements"),
)  # fmt: skip
_SITUATIONS = (
    ("request", "400", "the request is wrong"), ("key", "401", "the key is missing or wrong"), ("balance", "402", "the balance is used up"), ("timeout", "408", "no image in time"),
    ("rate", "429", "too many requests"), ("upstream", "5xx", "the upstream fails"), ("task", "404", "an unknown or foreign task"), ("other", "other", "other errors"),
)  # fmt: skip
_ALWAYS = frozenset({"400", "401", "402", "408", "429"})
_VERDICTS = ("failed", "warned", "known_failure", "unproven", "passed", "observed", "excluded")


@dataclass(frozen=True, slots=True)
class _Limits:
    """How much is said of one requirement of one target: kinds of findings, commands, characters of case ids, cases of what held."""

    groups: int
    curls: int
    cases: int
    held: bool
    short: bool


_LIMITS = (
    _Limits(24, 3, 2400, held=True, short=False),
    _Limits(8, 1, 300, held=True, short=True),
    _Limits(4, 1, 120, held=False, short=True),
    _Limits(1, 0, 80, held=False, short=True),
)


def evaluation_page(ev: Evaluation, made_at: str, *, thumbnails: bool = True, largest: int = LARGEST_PAGE) -> str:
    """The page's text. Prints are read from the report directories; without ``thumbnails`` none are.

    Without its prints it has at most ``largest`` bytes, as far as leaving out cases and commands of requirements can bring that about.
    """
    page = _Page(ev, thumbnails=thumbnails)
    text = ""
    for limits in _LIMITS:
        text, prints = page.render(made_at, limits)
        if len(text.encode("utf-8")) - prints <= largest:
            break
    return text


class _Page:
    def __init__(self, ev: Evaluation, *, thumbnails: bool) -> None:
        self._ev, self._thumbnails = ev, thumbnails
        self._anchors = Anchors()
        for id in (*(id for id, _ in _CONTENTS), "words"):  # these names are taken
            self._anchors.place(id)
        self._numbers = {vendor.name: str(number) for number, vendor in enumerate(ev.vendors, start=1)}
        self._printed = 0
        self._prints: dict[tuple[Path, str], Markup | None] = {}

    def render(self, made_at: str, limits: _Limits) -> tuple[str, int]:
        """The page, and how many of its characters are prints."""
        self._printed = 0
        sheets = [_asset("style.css"), *([_asset("print_simulated.css")] if self._ev.simulated else [])]
        script = _asset("script.js")
        environment = jinja2.Environment(
            loader=jinja2.PackageLoader("proofsheet.report.evaluation"), autoescape=True, undefined=jinja2.StrictUndefined, finalize=_shown, trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        environment.filters |= {
            "cut": _cut, "counted": _counted, "moment": marks.moment, "seconds": marks.seconds, "times_sign": marks.times_sign, "bare_status": _bare,
            "below": lambda case: str(case).partition("/")[2] or case, "below_dot": lambda name: str(name).partition(".")[2] or name,
        }  # fmt: skip
        environment.tests["in_area"] = lambda check, area: str(check).startswith(f"{area}.")
        text = environment.get_template("page.html").render(
            limits=limits, ev=self._ev, made_at=made_at, version=__version__, contents=self._contents(), sheets=sheets, script=script, policy=_policy(sheets, script),
            legend=marks.LEGEND, situations=_SITUATIONS, main_statuses=_ALWAYS, situation_seen=self._situation_seen, filters=self._filters(), numbers=self._of, print=self._print,
            anchor=self._anchor, place=self._anchors.place, area_cell=self._area, first_size=self._ev.price_sizes[0] if self._ev.price_sizes else "",
            mark=marks.mark, sign=marks.sign, tone=marks.tone, overall=marks.overall, outcome=marks.outcome, money=marks.money, times=marks.times, came=marks.came,
            tally=marks.tally, curl=marks.curl, timeline=marks.timeline,
        )  # fmt: skip
        return text, self._printed

    def _contents(self) -> list[tuple[str, str]]:
        """The sections that there are: examples only where a run used clients."""
        return [(id, name) for id, name in _CONTENTS if id != "examples" or any(chapter.examples for chapter in self._ev.chapters)]

    def _situation_seen(self, situation: str) -> bool:
        return any(situation in vendor.errors for vendor in self._ev.vendors)

    def _area(self, vendor: Vendor, area: str) -> Markup:
        words = {"broken": "failed", "warned": "warned", "held": "passed", "unproven": "unproven"}
        links = {word: urlencode({"verdict": verdict, "area": area, "vendor": self._numbers[vendor.name]}) for word, verdict in words.items()}
        return marks.area(vendor.areas.get(area), links, whole=vendor.evidence.whole)

    def _of(self, chapter: Chapter) -> str:
        """The numbers of a chapter's targets, for the filter."""
        return " ".join(self._numbers[name] for name in chapter.vendors)

    def _anchor(self, vendor: Vendor, matrix: Matrix, cell: Cell) -> str:
        which = [str(vendor.matrices.index(matrix) + 1)] if len(vendor.matrices) > 1 else []
        return self._anchors.place("cell", vendor.name, *which, cell.ratio, cell.size)

    def _filters(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        listed = [row for chapter in self._ev.chapters for row in chapter.rows]
        verdicts = [(name, marks.mark(name).striptags()) for name in _VERDICTS if any(name in row.verdicts for row in listed)]
        areas = [(area, area) for area in dict.fromkeys(area for row in listed for area in row.areas)]
        return [
            ("verdict", "Verdict", verdicts),
            ("level", "Level", [(level, level) for level in ("must", "should", "info")]),
            ("area", "Area", areas),
            ("vendor", "Target", [(self._numbers[vendor.name], vendor.name) for vendor in self._ev.vendors]),
        ]

    def _print(self, vendor: Vendor, cell: Cell) -> Markup:
        """The cell's small print as an image, or a frame that says there is none."""
        data = self._data(vendor.folder, cell.digest) if cell.digest else None
        if data is None:
            return Markup('<span class="none"></span><span class="h">no picture kept; </span>')
        self._printed += len(data)
        width, height = marks.shown_size(next((seen.actual for seen in cell.sightings if seen.digest == cell.digest), ""))
        return Markup('<img src="{}" alt="" width="{}" height="{}" loading="lazy">').format(data, width, height)

    def _data(self, folder: Path, digest: str) -> Markup | None:
        key = (folder, digest)
        if key not in self._prints:
            self._prints[key] = _data_uri(folder, digest) if self._thumbnails else None
        return self._prints[key]


def _data_uri(folder: Path, digest: str) -> Markup | None:
    """A print as a data URI. The digest comes from a file that anyone may have edited, so only one that is a digest names a file."""
    if re.fullmatch("[0-9a-f]{64}", digest) is None:
        return None
    try:
        with (folder / "thumbnails" / f"{digest}.webp").open("rb") as file:
            content = file.read(LARGEST_PRINT + 1)
    except OSError:
        return None
    if len(content) > LARGEST_PRINT or content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return None
    return Markup("data:image/webp;base64,") + Markup(base64.b64encode(content).decode("ascii"))  # noqa: S704 -- base64 has no markup


def _shown(value: Any) -> Any:
    """The gate: every text that a template shows passes here before it is escaped. What is markup already was made by us."""
    return one_line(value, _LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value


def _cut(text: str, most: int) -> str:
    return one_line(str(text), most)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _bare(status: str) -> str:
    return str(status).removeprefix("HTTP ")


def _asset(name: str) -> Markup:
    return Markup(resources.files(__package__).joinpath(name).read_text(encoding="utf-8").strip())  # noqa: S704 -- a file of ours


def _policy(sheets: Sequence[str], script: str) -> str:
    """Nothing is loaded, and nothing runs but what stands here: each style and the script by its digest."""
    styles = " ".join(f"'{_digest(sheet)}'" for sheet in sheets)
    return f"default-src 'none'; img-src data:; style-src {styles}; script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(str(text).encode("utf-8")).digest()).decode("ascii")
