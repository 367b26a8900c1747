"""Verdicts as signs and words, figures as short texts: each is safe to stand in the page, and none needs colour to be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from markupsafe import Markup, escape

from proofsheet.report.text import command, one_line
from proofsheet.results.evaluation_cells import Cell
from proofsheet.results.evaluation_details import Trace
from proofsheet.results.evaluation_figures import AreaVerdict, Figures, Price

#: Of each verdict of a finding or a requirement: its sign, its word and its tone.
_SIGNS = {
    "pass": ("✓", "pass", "p"), "fail": ("✗", "fail", "f"), "warn": ("!", "warn", "w"), "info": ("i", "seen", "i"), "not_supported": ("–", "not supported", "u"),
    "not_testable": ("?", "not testable", "u"), "known_failure": ("≡", "known failure", "w"), "flaky": ("~", "flaky", "w"), "not_run": ("…", "not sent", "u"),
    "error": ("⚠", "harness error", "w"), "passed": ("✓", "proved", "p"), "failed": ("✗", "broken", "f"), "warned": ("!", "warned", "w"),
    "observed": ("i", "observed", "i"), "unproven": ("?", "unproven", "u"), "excluded": ("–", "excluded", "u"),
}  # fmt: skip
#: Words of verdicts that say the same of a finding, a case or a requirement, and what they mean.
LEGEND = (
    (("pass", "passed"), "what was seen is as documented; the summary calls such claims held"),
    (("fail", "failed"), "a must is broken"),
    (("warn", "warned"), "a should is broken"),
    (("info", "observed"), "told but not judged, for the document is silent or disputed"),
    (("not_testable", "unproven"), "nothing showed it: its cases were not sent, or something that they take was missing"),
    (("excluded",), "no client can test it"),
    (("not_supported",), "the target is declared to lack it"),
    (("not_run",), "left out before it was sent"),
    (("known_failure", "flaky"), "broken, but on the list of known failures; or broken in some attempts only"),
    (("error",), "the tool itself failed, which says nothing about the target"),
)
_AREA_WORDS = {"broken": ("✗", "f"), "warned": ("!", "w"), "listed": ("≡", "w"), "held": ("✓", "p"), "unproven": ("?", "u"), "unsupported": ("–", "u"), "observed": ("i", "i")}
_PLAIN = {"held": "held", "broken": "broken", "warned": "warned", "listed": "known failures", "unproven": "unproven", "unsupported": "not supported"}


def mark(verdict: str) -> Markup:
    """Sign and word."""
    sign, word, tone = _SIGNS.get(verdict, ("?", verdict, "u"))
    return Markup('<b class="{}">{} {}</b>').format(tone, sign, word)


def sign(verdict: str) -> Markup:
    """The sign; where all is well the word is there for those who hear the page, and elsewhere for everyone."""
    sign, word, tone = _SIGNS.get(verdict, ("?", verdict, "u"))
    return Markup('<b class="p ok">✓</b>') if verdict in ("pass", "passed") else Markup('<b class="{}">{} {}</b>').format(tone, sign, word)


def outcome(verdict: str, word: str) -> Markup:
    """What became of an example, with the sign of the verdict that looks like it."""
    sign, _, tone = _SIGNS.get(verdict, ("?", verdict, "u"))
    return Markup('<b class="{}">{} {}</b>').format(tone, sign, one_line(word, 20))


def tone(verdict: str) -> str:
    """The letter that colours a cell."""
    return _SIGNS.get(verdict, ("", "", "u"))[2]


def overall(conforms: bool | None) -> Markup:
    """The verdict of a run."""
    word = {True: ("✓ conforms", "p"), False: ("✗ does not conform", "f"), None: ("? incomplete: cannot be said", "u")}[conforms]
    return Markup('<b class="{} big">{}</b>').format(word[1], word[0])


def area(verdict: AreaVerdict | None, find: Mapping[str, str], *, whole: bool) -> Markup:
    """The verdict of an area with its counts; ``find`` holds links, by verdict, to the requirements that are meant; ``whole`` runs left nothing out."""
    if verdict is None:
        return Markup('<span class="soft">{}</span>').format("no claim to test" if whole else "not part of this run")
    glyph, letter = _AREA_WORDS[verdict.word]
    counted = [(name, getattr(verdict, name)) for name in ("broken", "warned", "listed", "held", "unproven", "unsupported") if getattr(verdict, name)]
    if not counted:
        return Markup('<b class="i">i observed</b> <small>no binding claim</small>')
    name, number = counted[0] if counted[0][0] == verdict.word else (verdict.word, getattr(verdict, verdict.word))
    head = Markup('<b class="{}">{} {} {}</b>').format(letter, glyph, number, _PLAIN[name])
    if name in find:
        head = Markup('<a href="#requirements" data-find="{}">{}</a>').format(find[name], head)
    rest = ", ".join(f"{number} {_PLAIN[other]}" for other, number in counted if other != name)
    return head + (Markup(" <small>{}</small>").format(rest) if rest else Markup(""))


def money(price: Price) -> Markup:
    """A price in USD where a rate is known, else in the provider's own unit; the unit's own amount stands beside the USD."""
    multiple = f"{_short(price.amount)} {'× ' if price.unit == 'base' else ''}{price.unit}"
    main = f"${price.usd}" if price.usd is not None else multiple
    beside = [multiple] if price.usd is not None and price.unit != "USD" else []
    beside += [one_line(price.label, 80)] if price.label else []
    beside += [] if price.per == "image" else [f"per {price.per}"]
    return Markup("<strong>{}</strong>").format(main) + (Markup(" <small>{}</small>").format(", ".join(beside)) if beside else Markup(""))


def _short(amount: str) -> str:
    try:
        return f"{float(amount):.4g}"
    except ValueError:
        return amount


def seconds(value: float | None) -> str:
    """Seconds with as many digits as mean something."""
    if value is None:
        return ""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def times(one: Figures, *, named: bool) -> Markup:
    """Median, range and number of samples; ``named`` says whether it was one answer or a task."""
    p95 = f", p95 {seconds(one.p95)}" if one.p95 is not None else ""
    label = {"answer": "answer", "lifecycle": "task"}.get(one.how, one.how) + " " if named else ""
    return Markup("<small>{}</small><strong>{} s</strong> <small>{}–{}{}, n {}</small>").format(label, seconds(one.median), seconds(one.least), seconds(one.most), p95, one.n)


def shown_size(actual: str, most: int = 96) -> tuple[int, int]:
    """The size at which a print is shown, so that its place is kept before it is there."""
    found = re.fullmatch(r"(\d{1,6})x(\d{1,6})", actual)
    width, height = (max(1, int(found[1])), max(1, int(found[2]))) if found else (1, 1)
    scale = most / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def came(cell: Cell) -> str:
    """The distinct sizes that came, the commonest first."""
    texts = [f"{times_sign(one_line(actual, 40)) or 'no picture'}{f' ({number}×)' if len(cell.actual) > 1 else ''}" for actual, number in cell.actual[:3]]
    return ", ".join(texts) + (f" and {len(cell.actual) - 3} more" if len(cell.actual) > 3 else "")


def times_sign(text: str) -> str:
    """``WxH`` as people write it."""
    return re.sub(r"^(\d+)x(\d+)", "\\1×\\2", text)


def tally(verdicts: Mapping[str, int]) -> str:
    """Counts of verdicts in words."""
    return ", ".join(f"{number} {_SIGNS.get(name, ('', name, ''))[1]}" for name, number in sorted(verdicts.items(), key=lambda one: -one[1]))


def moment(text: str) -> str:
    """An ISO time to the minute, in UTC; what is none stays as it is."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{parsed:%Y-%m-%d %H:%M}{' UTC' if not parsed.utcoffset() else f' {parsed:%z}'}"


def curl(line: str) -> Markup:
    """A command to try, on a line of its own; nothing where there is none."""
    return Markup('<code class="q">{}</code>').format(command(line, 1200)) if line else Markup("")


def timeline(trace: Trace, longest: float) -> Markup:
    """A lifecycle as a drawing: a bar a state, from look to look, and a mark for each look."""
    scale = 1000 / longest if longest > 0 else 0
    parts = [Markup('<rect class="rail" y="6" width="1000" height="10"/>')]
    for number, step in enumerate(trace.steps):
        kind = {"succeeded": "done", "failed": "bad"}.get(step.state, "run" if number % 2 == 0 else "run2")
        width = max(8.0, (step.end - step.begin) * scale)
        left = min(step.begin * scale, 1000 - width)
        top, height = (3, 16) if kind in ("done", "bad") else (6, 10)
        parts.append(Markup('<rect class="{}" x="{:.0f}" y="{}" width="{:.0f}" height="{}"/>').format(kind, left, top, width, height))
    marks = dict.fromkeys(f"{min(look * scale, 998):.0f}" for look in trace.looks[:60])
    parts.append(Markup('<path class="tick" d="{}"/>').format("".join(f"M{place} 0h2v22h-2z" for place in marks)))
    words = ", ".join(f"{one_line(step.word, 40)} from {seconds(step.begin)} s" for step in trace.steps[:12])
    return Markup('<svg viewBox="0 0 1000 22" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>').format(escape(words), Markup("").join(parts))
