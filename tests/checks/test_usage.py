"""Checks of what an answer says it used: for each guard a subject that passes and one that it catches."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from checks.subjects import ANSWER, LIFECYCLE, TABLE, broken, contract, exchange, held, operation, picture, row, subject, unshown
from proofsheet.checks import usage
from proofsheet.contract.model import Pixels, Prices

SQ = {"ratio": "1:1", "size": "1K"}
UNCOUNTED = operation(answer=replace(ANSWER, tokens=()))
LATER = operation(answer=None, lifecycle=LIFECYCLE)
NO_TOKENS = operation(pixels=Pixels(replace(TABLE, cells=tuple(replace(cell, tokens=None) for cell in TABLE.cells))))


def used(*tokens, asks=SQ, images=1, **more):
    body = {"usage": [{"tokens": number} for number in tokens]}
    return subject(asks=asks, main=exchange(body=body), pictures=[picture()] * images, **more)


def right(expected, actual):
    return held("usage.tokens", "the image tokens are the table's", expected, actual)


def wrong(expected, actual):
    return broken("usage.tokens", "other image tokens than the table's", expected, actual)


def none(expected="1000"):
    return unshown("usage.tokens", "the answer states no image tokens", expected, "none")


TOKENS = [
    row("the table's", usage.tokens, used(1000), right("1000", "1000")),
    row("one more", usage.tokens, used(1001), wrong("1000", "1001")),
    row("one less", usage.tokens, used(999), wrong("1000", "999")),
    row("in parts", usage.tokens, used(400, 600), right("1000", "1000")),
    row("for each image", usage.tokens, used(2000, images=2), right("2000", "2000")),
    row("for one image of two", usage.tokens, used(1000, images=2), wrong("2000", "1000")),
    row("of cells that agree", usage.tokens, used(1600, asks={"size": "2K"}), right("1600", "1600")),
    row("of cells that disagree", usage.tokens, used(7, asks={"ratio": "1:1"})),
    row("of cells that count none", usage.tokens, used(7, op=NO_TOKENS)),
    row("not stated", usage.tokens, used(), none()),
    row("a whole number written with a point", usage.tokens, used(1000.0), right("1000", "1000")),
    row("a broken number", usage.tokens, used(1000.5), none()),
    row("as text", usage.tokens, used("1000"), none()),
    row("as truth", usage.tokens, used(True), none()),
    row("a text beside a number", usage.tokens, used("x", 1000), right("1000", "1000")),
    row("of a lifecycle", usage.tokens, used(1, op=LATER), wrong("1000", "1")),
    row("a lifecycle's own answer counts", usage.tokens, used(1, op=operation(lifecycle=replace(LIFECYCLE, answer=replace(ANSWER, tokens=()))))),
    row("without a final answer", usage.tokens, used(1000, final=None), none()),
    row("where none are documented", usage.tokens, used(7, op=UNCOUNTED)),
    row("where no answer is", usage.tokens, used(7, op=operation(answer=None))),
    row("without an image", usage.tokens, used(7, images=0)),
    row("without a table", usage.tokens, used(7, op=operation(pixels=None))),
    row("not served", usage.tokens, used(7, outcome="failed")),
]  # fmt: skip

#: 1000 tokens at 50 a million are 0.05 for an image.
PRICES = contract(prices=Prices("USD", "image", (), tokens_per_million=Fraction(50), token_image={"1K": Fraction(5, 100), "2K": Fraction(8, 100)}))
ONLY_RATIO = operation(pixels=Pixels(replace(TABLE, axes=("ratio", "colour"))))


def cost(actual, expected="0.0500"):
    return held("usage.price", "the tokens cost what the document says an image costs", f"{expected} USD", f"{actual} USD")


def otherwise(actual, expected="0.0500"):
    return broken("usage.price", "the tokens cost something else than the document says", f"{expected} USD", f"{actual} USD")


PRICE = [
    row("as documented", usage.price, used(1000, held_to=PRICES), cost("0.0500")),
    row("2 % more", usage.price, used(1020, held_to=PRICES), cost("0.0510")),
    row("over 2 % more", usage.price, used(1021, held_to=PRICES), otherwise("0.0510")),
    row("2 % less", usage.price, used(980, held_to=PRICES), cost("0.0490")),
    row("over 2 % less", usage.price, used(979, held_to=PRICES), otherwise("0.0490")),
    row("an image of two", usage.price, used(2000, images=2, held_to=PRICES), cost("0.0500")),
    row("of another size", usage.price, used(1600, asks={"size": "2K"}, held_to=PRICES), cost("0.0800", "0.0800")),
    row("more than anyone can write", usage.price, used(10**400, held_to=PRICES), otherwise("1000000000000.0000")),
    row("less than nothing", usage.price, used(-(10**400), held_to=PRICES), otherwise("-1000000000000.0000")),
    row("of two sizes", usage.price, used(7, asks={"ratio": "1:1"}, held_to=PRICES)),
    row("of no size", usage.price, used(7, asks={"ratio": "3:1", "size": "1K"}, held_to=PRICES)),
    row("of a size without a price", usage.price,
        used(7, held_to=contract(prices=Prices("USD", "image", (), tokens_per_million=Fraction(50), token_image={"2K": Fraction(1)})))),
    row("without a token price", usage.price, used(7, held_to=contract(prices=Prices("USD", "image", (), token_image={"1K": Fraction(1)})))),
    row("without prices", usage.price, used(7)),
    row("without a table", usage.price, used(7, held_to=PRICES, op=operation(pixels=None))),
    row("without a size in the table", usage.price, used(7, held_to=PRICES, op=ONLY_RATIO)),
    row("without tokens", usage.price, used(held_to=PRICES)),
    row("without an image", usage.price, used(7, images=0, held_to=PRICES)),
    row("not served", usage.price, used(7, outcome="failed", held_to=PRICES)),
]  # fmt: skip

TABLES = [*TOKENS, *PRICE]


@pytest.mark.parametrize(("check", "of", "said"), TABLES)
def test_a_check_of_the_usage_says(check, of, said):
    assert list(check(of)) == said
