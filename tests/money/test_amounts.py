from dataclasses import replace
from fractions import Fraction

import pytest

from proofsheet.contract import load_contract
from proofsheet.money.amounts import AmountError, decimal_text, parse_amount

CREDITS, USD, BASE = load_contract("threedaistudio"), load_contract("maxapi"), load_contract("apimaster")


@pytest.mark.parametrize(("text", "contract", "rate", "amount"), [
    ("300 credits", CREDITS, None, 300), ("1 credit", CREDITS, None, 1), ("1.5CREDITS", CREDITS, None, Fraction(3, 2)), (" 40  base ", BASE, None, 40),
    ("5 USD", USD, Fraction(1), 5), ("0.10 usd", USD, Fraction(1), Fraction(1, 10)), ("7 credits", USD, Fraction(1), 7),
    ("5 USD", CREDITS, Fraction("0.01"), 500), ("1 USD", CREDITS, Fraction(3), Fraction(1, 3)),
])  # fmt: skip
def test_an_amount_is_exact(text, contract, rate, amount):
    assert parse_amount(text, contract, rate) == amount


@pytest.mark.parametrize("text", [
    "", "5", "credits", "-1 credits", "NaN credits", "inf credits", "1e9 credits", "1/3 credits", "5,5 credits", "5. credits", "٣ credits",
    f"{'9' * 13} credits", f"0.{'1' * 13} credits", "5 <b>credits</b>", "5 credits; 6 credits", f"5 {'c' * 60}",
])  # fmt: skip
def test_what_is_no_amount_says_what_to_write(text):
    with pytest.raises(AmountError, match="such as '5 credits'"):
        parse_amount(text, CREDITS, None)


@pytest.mark.parametrize("text", ["0 credits", "0.000 credits"])
def test_nothing_is_no_budget(text):
    with pytest.raises(AmountError, match="allows nothing"):
        parse_amount(text, CREDITS, None)


def test_usd_needs_a_rate():
    with pytest.raises(AmountError, match="usd_per_unit"):
        parse_amount("5 USD", CREDITS, None)


def test_another_unit_is_refused():
    with pytest.raises(AmountError, match="counts in"):
        parse_amount("5 EUR", CREDITS, Fraction(1))


def test_without_prices_a_budget_is_in_images():
    bare = replace(CREDITS, prices=None)
    assert parse_amount("12 images", bare, None) == 12
    with pytest.raises(AmountError, match="such as '5 images'"):
        parse_amount("12 credits", bare, None)


@pytest.mark.parametrize(("amount", "text"), [
    (Fraction(0), "0.00"), (Fraction("0.07"), "0.07"), (Fraction("0.045"), "0.045"), (Fraction(1200), "1200.00"), (Fraction(4, 3), "1.333333"),
    (Fraction(10) ** 20 + Fraction(1, 8), "100000000000000000000.125"), (Fraction(3, 10), "0.30"), (Fraction(-1, 2), "-0.50"),
])  # fmt: skip
def test_decimals_are_all_told(amount, text):
    assert decimal_text(amount) == text
    assert decimal_text(Fraction(5), 0) == "5"
