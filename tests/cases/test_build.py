"""The makers of cases, on a tiny contract: what they ask for, what they expect, and what they leave to others."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from checks.subjects import DRAW, LIFECYCLE, TABLE, contract, operation, role, roles
from proofsheet.cases.build import build_cases, probes_of
from proofsheet.cases.lifecycles import UNKNOWN_NUMBER, UNKNOWN_TASK
from proofsheet.cases.model import MALFORMED_KEY, NO_KEY, UNKNOWN_KEY, Case
from proofsheet.cases.pixels import chosen_cells
from proofsheet.cases.requests import asked, base_request, with_overlay
from proofsheet.cases.surroundings import Pictures, Surroundings
from proofsheet.contract.locations import Location
from proofsheet.contract.model import Cell, ErrorCase, Errors, Feature, Pixels, PresetTable, PriceRule, Prices, Probe, SecurityScheme
from proofsheet.contract.requests import ABSENT, Request

SCHEMA = {
    "type": "object", "required": ["prompt"],
    "properties": {"prompt": {"type": "string"}, "ratio": {"type": "string", "enum": ["1:1", "16:9"]}, "count": {"type": "integer", "minimum": 1, "maximum": 3}},
}  # fmt: skip
INVALID = ErrorCase("bad-request", "invalid", ("**",), status=(400,))
BAD_RATIO = ErrorCase("bad-ratio", "invalid", ("**",), status=(422,), parameter="ratio")
EVERYTHING = Surroundings(frozenset({"default", "second_account", "broke"}), {"task_failure": {"json": {"prompt": "fail"}}, "slow": {"headers": {"X-Slow": 1}}},
                          Pictures(base="http://127.0.0.1:1", unreachable="http://127.0.0.1:2"), has_balance=True)  # fmt: skip


def made(op: Any, around: Surroundings = EVERYTHING, *, errors: tuple[ErrorCase, ...] = (), **more: Any) -> dict[str, Case]:
    cases = build_cases(contract(operations=(op,), errors=Errors(catalogue=(INVALID, *errors)), **more), around)
    found = {case.id.removeprefix(f"acme/{op.key}/"): case for case in cases}
    assert len(found) == len(cases)
    return found


def draw(**more: Any) -> Any:
    return operation(**{"schema": SCHEMA, "roles": roles(role("prompt")), **more})


def test_valid_values_are_served_and_invalid_ones_refused_as_the_catalogue_says():
    cases = made(draw(), errors=(BAD_RATIO,))
    good, bad, wide = cases["parameters/ratio/valid/16:9"], cases["parameters/ratio/invalid/enum"], cases["parameters/count/invalid/above-maximum"]
    assert (good.expect, good.kind, good.base, good.asked["ratio"]) == ("serve", "valid", None, "16:9")
    assert (bad.expect, bad.kind, bad.error) == ("refuse", "invalid", BAD_RATIO)
    assert (wide.error, wide.probe.request.json) == (INVALID, {"prompt": "a fox", "count": 4})
    assert bad.base is cases["parameters/base"].probe
    assert cases["parameters/body/invalid/type-array"].expect == "refuse"
    assert cases["parameters/prompt/invalid/missing"].probe.request.json == {}


def test_null_for_an_optional_parameter_is_judged_by_nobody():
    cases = made(draw())
    assert cases["parameters/ratio/invalid/type-null"].expect == "see"
    assert cases["parameters/prompt/invalid/type-null"].expect == "refuse"
    listed = {"type": "object", "required": ["turns"], "properties": {"turns": {"type": "array", "items": {
        "type": "object", "required": ["text"], "properties": {"text": {"type": "string"}, "role": {"type": "string"}}}}}}  # fmt: skip
    deep = made(draw(schema=listed, base=Request("POST", "/draw", json={"turns": [{"text": "a fox"}]}), roles={}))
    assert deep["parameters/turns.text/invalid/type-null"].expect == "refuse"
    assert deep["parameters/turns.role/invalid/type-null"].expect == "see"


def test_accepted_values_ride_on_the_images_of_cells():
    cases = made(draw())
    assert cases["parameters/ratio/valid/16:9"].probe is cases["pixels/16:9@1K"].probe
    assert cases["parameters/count/valid/2"].probe.id not in {case.probe.id for name, case in cases.items() if name.startswith("pixels/")}


def test_each_cell_is_asked_for_by_its_roles():
    cases = made(draw())
    cell = cases["pixels/16:9@2K"]
    assert cell.probe.request.json == {"prompt": "a fox", "ratio": "16:9", "size": "2K"}
    assert (cell.asked, cell.cell.width, cell.expect) == ({"ratio": "16:9", "size": "2K"}, 2560, "serve")
    spelt = made(draw(roles=roles(role("prompt"), role("size", values={"1K": "1024px"}))))
    assert spelt["pixels/1:1@1K"].probe.request.json["size"] == "1024px"
    assert spelt["pixels/1:1@1K"].asked["size"] == "1K"


@pytest.mark.parametrize(("cells", "ids"), [
    ("all", ["1:1@1K", "16:9@1K", "1:1@2K", "16:9@2K"]), ("none", []), ("edges", ["1:1@1K", "16:9@2K"]),
])
def test_all_cells_none_or_as_few_as_show_each_value(cells, ids):
    found = [name.partition("/")[2] for name, case in made(draw(cells=cells)).items() if case.kind == "cell"]
    assert found == ids


def test_edges_of_a_long_axis_show_each_value_once():
    table = PresetTable("t", ("ratio", "size"), tuple(Cell((ratio, size), 1, 1) for ratio in "abcde" for size in ("1", "2", "3")))
    chosen = chosen_cells(operation(pixels=Pixels(table), cells="edges"))
    assert sorted(cell.at[0] for cell in chosen) == list("abcde")
    assert {cell.at[1] for cell in chosen} == {"1", "2", "3"}


def test_defaults_are_shown_by_leaving_everything_out_that_may_be():
    op = draw(base=Request("POST", "/draw", json={"prompt": "a fox", "ratio": "1:1", "count": 1}), roles=roles(role("prompt"), role("format", values={"png": "png"})))
    assert made(op)["pixels/default"].probe.request.json == {"prompt": "a fox"}
    plain = made(draw())
    assert plain["pixels/default"].probe is plain["parameters/base"].probe
    needed = {**SCHEMA, "required": ["prompt", "ratio"]}
    held = made(draw(schema=needed, base=Request("POST", "/draw", json={"prompt": "a fox", "ratio": "1:1", "size": "1K"})))
    assert held["pixels/default"].probe.request.json == {"prompt": "a fox", "ratio": "1:1"}


def test_formats_and_counts():
    op = draw(roles=roles(role("prompt"), role("format", values={"png": "PNG", "jpeg": "JPG"}), role("count", max=3)))
    cases = made(op)
    assert cases["pixels/format-jpeg"].probe.request.json["format"] == "JPG"
    assert cases["pixels/count-3"].probe.request.json["count"] == 3
    assert "pixels/count-1" not in made(draw(roles=roles(role("prompt"), role("count", max=1))))
    assert not any(case.kind == "count" for case in made(draw()).values())


def test_numbers_as_text_and_as_floats():
    cases = made(draw())
    text, float_ = cases["parameters/count/quirk/numeric-string"], cases["parameters/count/quirk/integral-float"]
    assert (text.expect, text.probe.request.json["count"]) == ("refuse", "1")
    assert (float_.expect, float_.probe.request.json["count"]) == ("see", 1.0)
    either = {**SCHEMA, "properties": {"prompt": {"type": "string"}, "count": {"type": "integer", "anyOf": [{}]}}}
    assert "parameters/count/quirk/numeric-string" in made(draw(schema=either))


def test_letter_case_where_the_document_speaks_of_it():
    loose = made(draw(roles=roles(role("prompt"), role("size", letter_case="insensitive"))))
    assert loose["parameters/size/quirk/letter-case-1k"].expect == "serve"
    assert loose["parameters/size/quirk/letter-case-1k"].asked == {"size": "1K"}
    strict = made(draw(roles=roles(role("prompt"), role("size", letter_case="sensitive"))))
    assert strict["parameters/size/quirk/letter-case-1k"].expect == "refuse"
    assert not any("letter-case" in name for name in made(draw()))


def test_ignored_parameters_send_what_means_something_elsewhere():
    cases = made(draw(roles=roles(role("prompt"), role("size", ignored=True)), pixels=Pixels(PresetTable("t", ("ratio",), (Cell(("1:1",), 10, 10),)))))
    assert not any(name.startswith("parameters/ignored") for name in cases)
    own = made(draw(roles=roles(role("prompt"), role("quality", ignored=True, values={"high": "hi"}), role("mood", ignored=True, free=("glad",)))))
    assert own["parameters/ignored/quality-high"].probe.request.json["quality"] == "hi"
    assert own["parameters/ignored/quality-high"].asked == {}
    assert own["parameters/ignored/mood-glad"].expect == "serve"


def test_probes_of_the_contract():
    at = Location("json", "/ratio")
    given = (
        Probe("odd", ((at, "2:1"),), "refuse", invalid=True), Probe("fine", ((at, "16:9"),), "serve", invalid=False), Probe("seen", ((at, None),), "see", invalid=True),
        Probe("gone", ((Location("json", "/prompt"), ABSENT),), "refuse", invalid=True),
    )  # fmt: skip
    cases = made(draw(probes=given), errors=(BAD_RATIO,))
    assert (cases["parameters/probe/odd"].expect, cases["parameters/probe/odd"].error) == ("refuse", BAD_RATIO)
    assert (cases["parameters/probe/fine"].base, cases["parameters/probe/fine"].error) == (None, None)
    assert cases["parameters/probe/fine"].asked == {"ratio": "16:9"}
    assert cases["parameters/probe/seen"].probe.request.json == {"prompt": "a fox", "ratio": None}
    assert cases["parameters/probe/gone"].probe.request.json == {}
    with pytest.raises(ValueError, match="the probe wrong of draw should be invalid"):
        made(draw(probes=(Probe("wrong", ((at, "16:9"),), "refuse", invalid=True),)))


def test_places_of_the_key():
    schemes = {name: SecurityScheme(name, "header", name) for name in ("a", "b")}
    cases = made(draw(endpoint=replace(DRAW, security=("a", "b"))), security_schemes=schemes)
    assert [cases[f"parameters/key/{name}"].probe.scheme for name in ("a", "b")] == ["a", "b"]
    assert not any("/key/" in name for name in made(draw()))


def test_headers_and_queries_are_walked():
    parameters = ({"name": "X-Mode", "in": "header", "schema": {"type": "string", "enum": ["fast", "slow"]}},
                  {"name": "n", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 2}})  # fmt: skip
    op = draw(endpoint=replace(DRAW, parameters=parameters), base=Request("POST", "/draw", json={"prompt": "a fox"}, query={"n": "1"}))
    cases = made(op)
    assert cases["parameters/X-Mode/valid/slow"].probe.request.headers == {"X-Mode": "slow"}
    assert cases["parameters/X-Mode/invalid/enum"].expect == "refuse"
    assert cases["parameters/n/invalid/above-maximum"].probe.request.query == {"n": "3"}
    assert cases["parameters/n/invalid/missing"].probe.request.query == {}
    assert "parameters/X-Mode/invalid/missing" not in cases
    assert "parameters/X-Mode/invalid/type-number" not in cases
    switch = made(draw(endpoint=replace(DRAW, parameters=parameters), roles=roles(role("prompt"), role("async", at="header:X-Mode"))))
    assert not any("X-Mode" in name for name in switch)


def test_errors_of_the_catalogue():
    def entry(id: str, provoke: str, on: tuple[str, ...] = ("**",)) -> ErrorCase:
        return ErrorCase(id, provoke, on)

    listed = tuple(entry(name, name.replace("-", "_")) for name in ("no-key", "malformed-key", "unknown-key", "malformed-json", "empty-body", "wrong-content-type"))
    more = (entry("broke", "credential:broke"), entry("limited", "credential:limited"), entry("slow", "state:slow"), entry("dead", "state:dead"),
            entry("unknown-model", "unknown_model"), entry("elsewhere", "no_key", ("other",)), entry("task", "unknown_task"))  # fmt: skip
    op = draw(roles=roles(role("prompt"), role("model")))
    cases = made(op, errors=(*listed, *more))
    found = {name.removeprefix("errors/"): case for name, case in cases.items() if name.startswith("errors/")}
    assert set(found) == {*(one.id for one in listed), "broke", "limited", "slow", "dead", "unknown-model"}
    assert {name: found[name].probe.credential for name in ("no-key", "malformed-key", "unknown-key", "broke")} == {
        "no-key": NO_KEY, "malformed-key": MALFORMED_KEY, "unknown-key": UNKNOWN_KEY, "broke": "broke",
    }  # fmt: skip
    assert all(case.expect == "refuse" and case.base is cases["parameters/base"].probe for case in found.values())
    assert (found["malformed-json"].probe.request.raw, found["empty-body"].probe.request.raw) == (b'{"prompt": "a fox"', b"")
    assert found["wrong-content-type"].probe.request.media_type == "text/plain"
    assert found["unknown-model"].probe.request.json["model"].startswith("no-such-model")
    assert (found["slow"].probe.request.headers, found["slow"].probe.state) == ({"X-Slow": "1"}, "slow")
    assert (found["limited"].probe, found["dead"].probe) == (None, None)
    assert "credentials.limited" in found["limited"].missing
    assert "states.dead" in found["dead"].missing
    assert "errors/unknown-model" not in made(draw(), errors=more)


def test_an_operation_that_refuses_has_errors_alone_and_leans_on_one_that_serves():
    refusing = operation(name="chat", key="chat", purpose="refuse")
    cases = build_cases(contract(operations=(refusing, draw()), errors=Errors(catalogue=(ErrorCase("refused", "base", ("chat",), status=(400,)),))), EVERYTHING)
    own = [case for case in cases if case.operation is refusing]
    assert [case.id for case in own] == ["acme/chat/errors/refused"]
    assert own[0].base == next(case.probe for case in cases if case.id == "acme/draw/parameters/base")


def test_lifecycles():
    op = draw(lifecycle=LIFECYCLE, answer=None)
    cases = made(op)
    own = {name: case for name, case in cases.items() if name.startswith("lifecycles/")}
    assert list(own) == [f"lifecycles/{name}" for name in ("run", "failure", "unknown-id", "no-key", "foreign")]
    base = cases["parameters/base"].probe
    assert base.poll_as == (NO_KEY, "second_account")
    assert base.look_again
    assert all(own[f"lifecycles/{name}"].probe is base for name in ("run", "no-key", "foreign"))
    assert own["lifecycles/failure"].probe.request.json == {"prompt": "fail"}
    assert own["lifecycles/unknown-id"].probe.poll_only == UNKNOWN_TASK
    alone = made(op, Surroundings())
    assert alone["parameters/base"].probe.poll_as == (NO_KEY,)
    assert (alone["lifecycles/foreign"].probe, alone["lifecycles/failure"].probe) == (None, None)
    assert "credentials.second_account" in alone["lifecycles/foreign"].missing
    assert "states.task_failure" in alone["lifecycles/failure"].missing
    numbered = made(draw(lifecycle=replace(LIFECYCLE, id_type="integer"), answer=None))
    assert numbered["lifecycles/unknown-id"].probe.poll_only == UNKNOWN_NUMBER
    own_form = made(draw(lifecycle=replace(LIFECYCLE, unknown_id="task_0"), answer=None))
    assert own_form["lifecycles/unknown-id"].probe.poll_only == "task_0"
    assert not any(name.startswith("lifecycles/") for name in made(draw()))


FORMS = {"url": {"url": "${url}"}, "data_uri": "${data_uri}"}


def test_references_in_each_form_and_format_one_and_the_most():
    op = draw(roles=roles(role("prompt"), role("references", at="json:/pictures", max=3, formats=("png", "webp"), forms=FORMS)))
    cases = {name.removeprefix("parameters/references/"): case for name, case in made(op).items() if "/references/" in name}
    assert set(cases) == {"url-png-1", "url-webp-1", "data_uri-png-1", "data_uri-webp-1", "data_uri-png-3", "too-many", "not-an-image", "html", "unreachable"}
    assert cases["url-webp-1"].probe.request.json["pictures"] == [{"url": "http://127.0.0.1:1/webp/0"}]
    assert cases["data_uri-png-1"].probe.request.json["pictures"][0].startswith("data:image/png;base64,")
    assert len(set(cases["data_uri-png-3"].probe.request.json["pictures"])) == 3
    assert len(set(cases["too-many"].probe.request.json["pictures"])) == 4
    assert {name for name, case in cases.items() if case.expect == "refuse"} == {"too-many", "not-an-image", "html", "unreachable"}
    assert all(case.error is INVALID or case.error == INVALID for case in cases.values() if case.expect == "refuse")
    remote = {name.rpartition("/")[2]: case for name, case in made(op, Surroundings()).items() if "/references/" in name}
    assert {name for name, case in remote.items() if case.probe is None} == {"url-png-1", "url-webp-1", "html", "unreachable"}
    assert all("reference_image_url" in case.missing for case in remote.values() if case.probe is None)
    single = {name.rpartition("/")[2]: case for name, case in made(op, Surroundings(pictures=Pictures(single="https://x.example/a.png"))).items()}
    assert single["url-png-1"].probe.request.json["pictures"] == [{"url": "https://x.example/a.png"}]
    assert single["url-webp-1"].probe is None


def test_an_editing_operation_has_a_picture_in_its_base_request():
    op = draw(purpose="edit", roles=roles(role("prompt"), role("references", at="json:/pictures", forms=FORMS)))
    assert base_request(op).json["pictures"][0].startswith("data:image/png;base64,")
    assert base_request(replace(op, purpose="generate")).json == {"prompt": "a fox"}
    given = replace(op, base=Request("POST", "/draw", json={"prompt": "a fox", "pictures": ["mine"]}))
    assert base_request(given).json["pictures"] == ["mine"]


PRICES = Prices("credits", "image", (PriceRule(Fraction(5), {"ratio": "1:1"}), PriceRule(Fraction(8), {"speed": "fast"}), PriceRule(Fraction(9), operations=("other",))))


def test_billing():
    cases = made(draw(roles=roles(role("prompt"), role("count", max=4))), prices=PRICES)
    own = {name.removeprefix("billing/"): case for name, case in cases.items() if name.startswith("billing/")}
    assert set(own) == {"price-ratio=1:1", "price-ratio=1:1-size=2K", "count-2", "refused", "failed"}
    assert own["price-ratio=1:1-size=2K"].probe.request.json == {"prompt": "a fox", "ratio": "1:1", "size": "2K"}
    assert own["price-ratio=1:1"].probe.request.json == {"prompt": "a fox", "ratio": "1:1"}
    assert own["count-2"].probe.request.json == {"prompt": "a fox", "ratio": "1:1", "count": 2}
    assert own["refused"].probe.request.json == {}
    assert all(case.probe.balance and case.probe.serial for name, case in own.items() if name != "failed")
    assert (own["failed"].probe, own["failed"].missing) == (None, "the target gives no way to bring this about (states.upstream_error)")
    bare = made(draw(), Surroundings(), prices=PRICES)
    assert "(balance)" in bare["billing/price-ratio=1:1"].missing
    assert bare["billing/price-ratio=1:1"].probe is None
    assert not any(name.startswith("billing/") for name in made(draw()))


def test_features():
    features = (Feature("wide", "Wide", ("acme/draw/pixels/16:9@*",)), Feature("big", "Big", ("**/*@2K",)))
    cases = made(draw(), replace(EVERYTHING, unsupported=frozenset({"big"})), features=features)
    assert (cases["pixels/16:9@1K"].feature, cases["pixels/1:1@1K"].feature) == ("wide", None)
    assert (cases["pixels/16:9@2K"].feature, cases["pixels/16:9@2K"].probe) == ("big", None)
    assert cases["pixels/16:9@1K"].probe is not None
    assert made(draw(), features=features)["pixels/16:9@2K"].feature == "wide"


def test_ids_are_ascii_whatever_a_value_is():
    schema = {"type": "object", "properties": {"prompt": {"type": "string"}, "mood": {"enum": ["très gai", "a b/c", "x" * 300]}}}
    ids = [name for name in made(draw(schema=schema)) if "/mood/valid/" in name]
    assert sorted(ids)[:2] == ["parameters/mood/valid/a_b/c", "parameters/mood/valid/tr_s_gai"]
    assert all(name.isascii() and len(name) <= len("parameters/") + 160 for name in ids)


def test_bases_come_first_and_each_probe_once():
    cases = made(draw())
    probes = probes_of(cases.values())
    assert probes[0] is cases["parameters/base"].probe
    assert len({probe.id for probe in probes}) == len(probes)
    lacking = {name: replace(case, probe=None) for name, case in cases.items()}
    assert probes_of(lacking.values()) == ()
    only = probes_of([cases["parameters/ratio/invalid/enum"]])
    assert [probe.id for probe in only] == [cases["parameters/base"].probe.id, cases["parameters/ratio/invalid/enum"].probe.id]


def test_what_a_request_asks_for_in_our_own_terms():
    op = operation(roles=roles(role("prompt"), role("size", values={"1K": "1024px"}, letter_case="insensitive"), role("mood", also=(Location("json", "/feeling"),))))
    request = Request("POST", "/draw", json={"prompt": "x", "size": "1024PX", "feeling": "glad", "count": None})
    assert asked(op, request) == {"size": "1K", "mood": "glad"}


def test_states_are_laid_over_a_request():
    request = Request("POST", "/draw", headers={"A": "1"}, json={"prompt": "x", "deep": {"a": 1, "b": 2}})
    laid = with_overlay(request, {"headers": {"B": 2}, "json": {"deep": {"b": 3}}})
    assert laid.headers == {"A": "1", "B": "2"}
    assert laid.json == {"prompt": "x", "deep": {"a": 1, "b": 3}}
    form = with_overlay(Request("POST", "/draw", form={"prompt": "x"}), {"json": {"prompt": "fail"}})
    assert form.form == {"prompt": "fail"}
    assert form.json is ABSENT
    assert with_overlay(request, {}) == request


def test_the_same_contract_gives_the_same_cases():
    op = draw(lifecycle=LIFECYCLE, pixels=Pixels(TABLE))
    assert list(made(op)) == list(made(op))
    assert [case.probe and case.probe.id for case in made(op).values()] == [case.probe and case.probe.id for case in made(op).values()]
