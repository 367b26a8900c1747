"""Checks of what an answer says it used."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Subject

#: Documents round prices to a tenth of a cent; the cheapest is 4.5 cents.
PRICE_TOLERANCE = Fraction(2, 100)
#: The most that is written out: a target may state any number of tokens.
_MOST = Fraction(10**12)


def _counted(subject: Subject) -> int | None:
    """The image tokens that the answer states, all together."""
    operation = subject.operation
    answer = operation.lifecycle.answer if operation.lifecycle else operation.answer
    final = subject.performance.final
    if answer is None or final is None or not answer.tokens or not subject.served:
        return None
    values = [number for value in final.find(answer.tokens) if (number := _whole(value)) is not None]
    return sum(values) if values else None


def _whole(value: object) -> int | None:
    """A whole number as JSON has it: 1120.0 is 1120."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _reports(subject: Subject) -> bool:
    operation = subject.operation
    answer = operation.lifecycle.answer if operation.lifecycle else operation.answer
    return bool(answer and answer.tokens) and subject.served and bool(subject.images) and bool(subject.wanted_cells)


def tokens(subject: Subject) -> Iterator[Judgement]:
    """The image tokens are those of the table for this size."""
    documented = {cell.tokens for cell in subject.wanted_cells if cell.tokens is not None}
    if not _reports(subject) or len(documented) != 1:
        return
    expected, counted = documented.pop() * len(subject.images), _counted(subject)
    if counted is None:
        yield Judgement("usage.tokens", None, "the answer states no image tokens", str(expected), "none")
    else:
        held = counted == expected
        yield Judgement("usage.tokens", held, "the image tokens are the table's" if held else "other image tokens than the table's", str(expected), str(counted))


def price(subject: Subject) -> Iterator[Judgement]:
    """Tokens times the documented price of a million is the documented price of an image."""
    prices, table = subject.contract.prices, subject.operation.pixels.table if subject.operation.pixels else None
    counted = _counted(subject)
    if prices is None or prices.tokens_per_million is None or table is None or counted is None or "size" not in table.axes or not subject.images:
        return
    sizes = {cell.at[table.axes.index("size")] for cell in subject.wanted_cells}
    documented = prices.token_image.get(next(iter(sizes))) if len(sizes) == 1 else None
    if documented is None:
        return
    charged = counted * prices.tokens_per_million / 1_000_000 / len(subject.images)
    held = abs(charged / documented - 1) <= PRICE_TOLERANCE
    message = "the tokens cost what the document says an image costs" if held else "the tokens cost something else than the document says"
    yield Judgement("usage.price", held, message, _money(documented, prices.unit), _money(charged, prices.unit))


def _money(amount: Fraction, unit: str) -> str:
    return f"{float(max(-_MOST, min(amount, _MOST))):.4f} {unit}"


CHECKS = (tokens, price)
