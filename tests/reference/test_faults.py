"""Each declared fault shows on the wire, and only where it was declared."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from starlette.datastructures import Headers

from proofsheet.contract import provider_names
from proofsheet.contract.locations import Location
from proofsheet.reference.faults import OPERATORS, FaultError, Faults, fault_ids
from proofsheet.reference.gateway import Gateway
from proofsheet.reference.incoming import Incoming
from proofsheet.reference.server import load_gateway, prepared, target
from reference.caller import Caller, found

BRIEF = {"brief": "x"}
WAIT = {"Prefer": "wait"}


class Bench:
    """Two gateways in this process, whose faults can be changed between requests."""

    def __init__(self, atelier: Gateway, vendor: Gateway, specs: Path) -> None:
        self.gateways = {"atelier": atelier, "threedaistudio": vendor}
        self.callers = {
            "atelier": Caller("atelier", target(atelier), specs),
            "threedaistudio": Caller("threedaistudio", target(vendor), None),
        }
        self.faulty = False

    def broken(self, provider: str, *ids: str) -> Caller:
        gateway = self.gateways[provider]
        gateway.faults, self.faulty = Faults(gateway.contract, ids), bool(ids)
        return self.callers[provider]


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest) -> Iterator[Bench]:
    specs = Path(__file__).parent / "specs"
    gateways = [load_gateway("atelier", specs), load_gateway("threedaistudio", None)]
    server, sockets = prepared(gateways)
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    while not server.started:
        time.sleep(0.005)
    bench = Bench(gateways[0], gateways[1], specs)
    yield bench
    for caller in bench.callers.values():
        caller.client.close()
    server.should_exit = True
    thread.join(timeout=60)
    assert not thread.is_alive()


@pytest.fixture
def bench(running: Bench) -> Iterator[Bench]:
    yield running
    for provider in running.gateways:
        running.broken(provider)


def put(caller: Caller, body: object = None, headers: dict[str, str] | None = None, key: str | None = "", room: str = "r") -> httpx2.Response:
    query = {} if key is None else {"token": key or caller.key()}
    return caller.client.put(f"/renders/{room}", json=BRIEF if body is None else body, params=query, headers=headers or WAIT)


def linked(caller: Caller, **body: object) -> httpx2.Response:
    return put(caller, {**BRIEF, "link": True, **body})


def trace(caller: Caller, **headers: str) -> list[tuple[str, object, httpx2.Response]]:
    operation = caller.contract.operations[0]
    return caller.trace(operation, caller.send(operation, operation.base, **headers))


FAILING = {"X_Simulate": "task_failure"}

Shows = Callable[[Bench], bool]

#: A fault's id and what a client sees of it. Every operator of the catalogue stands here.
SEEN: dict[str, tuple[str, Shows]] = {
    "accept-any-key": ("atelier", lambda b: put(b.callers["atelier"], key="nobody").status_code == 200),
    "accept-no-key": ("atelier", lambda b: put(b.callers["atelier"], key=None).status_code == 200),
    "open-tasks": ("threedaistudio", lambda b: _without_key(b.callers["threedaistudio"]) == 200),
    "no-rate-limit": ("atelier", lambda b: put(b.callers["atelier"], key=b.callers["atelier"].key("rate_limited")).status_code == 200),
    "no-balance-check": ("atelier", lambda b: put(b.callers["atelier"], key=b.callers["atelier"].key("insufficient_balance")).status_code == 200),
    "accept-invalid:instant:canvas": ("atelier", lambda b: put(b.callers["atelier"], {**BRIEF, "canvas": "1x1"}).status_code == 200),
    "accept-invalid:instant:body": ("atelier", lambda b: put(b.callers["atelier"], ["no object"]).status_code == 200),
    "refuse-valid:instant:canvas": ("atelier", lambda b: put(b.callers["atelier"], {**BRIEF, "canvas": "320x200"}).status_code == 400),
    "accept-invalid:instant:canvas:enum": ("atelier", lambda b: put(b.callers["atelier"], {**BRIEF, "canvas": "1x1"}).status_code == 200),
    "replace-invalid:instant:dimensions": ("atelier", lambda b: put(b.callers["atelier"], {**BRIEF, "canvas": "1x1"}).status_code == 200),
    "accept-probe:instant-link:no-banner-link": ("atelier", lambda b: linked(b.callers["atelier"], canvas="1200x100").status_code == 200),
    "poison:instant": ("atelier", lambda b: [put(b.callers["atelier"], body).status_code for body in ({}, BRIEF, BRIEF)] == [400, 500, 200]),
    "refuse-cell:instant:320x200": ("atelier", lambda b: put(b.callers["atelier"], {**BRIEF, "canvas": "320x200"}).status_code == 400),
    "ignore-parameter:instant:dimensions": ("atelier", lambda b: _size(b, canvas="320x200") == (640, 480)),
    "wrong-default:instant:dimensions": ("atelier", lambda b: _size(b) != (640, 480)),
    "swap-dimensions:instant": ("atelier", lambda b: _size(b) == (480, 640)),
    "off-by-8:instant": ("atelier", lambda b: _size(b) == (648, 480)),
    "other-cell:instant:320x200": ("atelier", lambda b: (_size(b, canvas="320x200"), _size(b)) == ((640, 480), (640, 480))),
    "neighbour-size:instant:320x200": ("atelier", lambda b: _size(b, canvas="320x200") == (200, 320)),
    "neighbour-ratio:generate:4:5": ("threedaistudio", lambda b: _made(b, ratio="4:5") == _made(b, ratio="3:4")),
    "wrong-format:instant": ("atelier", lambda b: put(b.callers["atelier"]).content[8:12] == b"WEBP"),
    "fewer-images:generate": ("threedaistudio", lambda b: _count(b, 3) == 2),
    "more-images:generate": ("threedaistudio", lambda b: _count(b, 3) == 4),
    "wrong-tokens:instant-link": ("atelier", lambda b: linked(b.callers["atelier"]).json()["cost"] == 256 + 137),
    "other-tokens:instant-link": ("atelier", lambda b: linked(b.callers["atelier"]).json()["cost"] != 256),
    "wrong-tier:instant": ("atelier", lambda b: _cost(b.callers["atelier"], lambda c: put(c)) == "1/4"),
    "charge-all-give-one:generate": ("threedaistudio", lambda b: _count(b, 3) == 1),
    "overcharge:instant": ("atelier", lambda b: _cost(b.callers["atelier"], lambda c: put(c)) == "4/3"),
    "charge-refused": ("atelier", lambda b: _cost(b.callers["atelier"], lambda c: put(c, {})) == "1"),
    "charge-failed": ("threedaistudio", lambda b: _cost(b.callers["threedaistudio"], lambda c: trace(c, **FAILING)) == "15"),
    "truncate:instant": ("atelier", lambda b: not put(b.callers["atelier"]).content.endswith(b"\xff\xd9")),
    "wrong-media-type:instant-link": ("atelier", lambda b: _fetched(b).headers["content-type"] == "image/webp"),
    "other-magic:instant": ("atelier", lambda b: (put(b.callers["atelier"]).content[8:12], put(b.callers["atelier"]).headers["content-type"]) == (b"WEBP", "image/jpeg")),
    "wrong-size-stated:instant-link": ("atelier", lambda b: linked(b.callers["atelier"]).json()["pictures"][0]["canvas"] == "656x480"),
    "dead-copies:instant-link": ("atelier", lambda b: (_fetched(b, "small").status_code, _fetched(b).status_code) == (404, 200)),
    "wrong-host:instant-link": ("atelier", lambda b: "elsewhere" in linked(b.callers["atelier"]).text),
    "dead-asset": ("atelier", lambda b: _fetched(b).status_code == 404),
    "guarded-asset": ("atelier", lambda b: _fetched(b).status_code == 401),
    "html-asset": ("atelier", lambda b: _fetched(b).headers["content-type"] == "text/html"),
    "no-id:generate": ("threedaistudio", lambda b: "task_id" not in _submitted(b.callers["threedaistudio"]).json()),
    "retype-id:generate": ("threedaistudio", lambda b: isinstance(_submitted(b.callers["threedaistudio"]).json()["task_id"], int)),
    "move-id:generate": ("threedaistudio", lambda b: list(_submitted(b.callers["threedaistudio"]).json()) == ["created_at", "handle"]),
    "fail-tasks:generate": ("threedaistudio", lambda b: trace(b.callers["threedaistudio"])[-1][0] == "failed"),
    "poll-elsewhere:render": ("atelier", lambda b: "elsewhere" in put(b.callers["atelier"], headers={"X-None": "1"}).headers["operation-location"]),
    "foreign-task:generate": ("threedaistudio", lambda b: _foreign(b.callers["threedaistudio"]) == 200),
    "unknown-task-served": ("threedaistudio", lambda b: _unknown(b.callers["threedaistudio"]) == 200),
    "never-finish:generate": ("threedaistudio", lambda b: [state for state, _, _ in trace(b.callers["threedaistudio"])] == ["running"] * 10),
    "finish-empty:generate": ("threedaistudio", lambda b: _last(b)["results"] == []),
    "step-back:generate": ("threedaistudio", lambda b: _words(b) == ["PENDING", "IN_PROGRESS", "PENDING", "FINISHED"]),
    "reopen:generate": ("threedaistudio", lambda b: _second_look(b)["status"] == "PENDING"),
    "unknown-word:generate": ("threedaistudio", lambda b: set(_words(b)) == {"zorbing"}),
    "progress-back:generate": ("threedaistudio", lambda b: [value for _, value, _ in trace(b.callers["threedaistudio"])][:2] == [50, 10]),
    "progress-beyond:generate": ("threedaistudio", lambda b: _last(b)["progress"] == 250),
    "no-reason:generate": ("threedaistudio", lambda b: trace(b.callers["threedaistudio"], **FAILING)[-1][2].json()["failure_reason"] is None),
    "hide-failure:generate": ("threedaistudio", lambda b: trace(b.callers["threedaistudio"], **FAILING)[-1][0] == "succeeded"),
    "other-images:generate": ("threedaistudio", lambda b: _second_look(b, pictures=True)),
    "wrong-status:poor": ("atelier", lambda b: put(b.callers["atelier"], key=b.callers["atelier"].key("insufficient_balance")).status_code == 409),
    "error-as-success:bad-brief": ("atelier", lambda b: put(b.callers["atelier"], {}).status_code == 200),
    "mute-errors:bad-brief": ("atelier", lambda b: not put(b.callers["atelier"], {}).text.strip()),
    "bad-retry-after:slow": ("atelier", lambda b: put(b.callers["atelier"], key=b.callers["atelier"].key("rate_limited")).headers["retry-after"] == "soon"),
    "html-errors:bad-brief": ("atelier", lambda b: [put(b.callers["atelier"], body).text[:2] == "<!" for body in ({}, {**BRIEF, "canvas": "1x1"})] == [True, False]),
    "wrong-code:bad-brief": ("atelier", lambda b: put(b.callers["atelier"], {}).headers["x-error"] == "SOMETHING_ELSE"),
    "wrong-hint:who": ("atelier", lambda b: "token" not in put(b.callers["atelier"], key=None).text.lower()),
    "html-errors": ("atelier", lambda b: put(b.callers["atelier"], {}).headers["content-type"] == "text/html"),
    "empty-errors": ("atelier", lambda b: put(b.callers["atelier"], {}).content == b""),
    "mistyped-errors": ("atelier", lambda b: put(b.callers["atelier"], {}).headers["content-type"] == "application/octet-stream"),
    "other-envelope": ("atelier", lambda b: put(b.callers["atelier"], {}).text.startswith('{"fault"')),
    "no-retry-after": ("atelier", lambda b: "retry-after" not in put(b.callers["atelier"], key=b.callers["atelier"].key("rate_limited")).headers),
    "intermittent": ("atelier", lambda b: sorted(put(b.callers["atelier"]).status_code for _ in range(8)) == [200] * 6 + [500] * 2),
    "redirect-elsewhere:instant": ("atelier", lambda b: put(b.callers["atelier"]).headers.get("location", "").startswith("http://elsewhere")),
    "drop-field:instant-link:cost": ("atelier", lambda b: "cost" not in linked(b.callers["atelier"]).json()),
    "redirect-without-body:instant": ("atelier", lambda b: put(b.callers["atelier"]).status_code == 302),
    "retype-field:instant-link:cost": ("atelier", lambda b: linked(b.callers["atelier"]).json()["cost"] == "256"),
    "mistyped-answer:instant-link": ("atelier", lambda b: linked(b.callers["atelier"]).headers["content-type"].startswith("text/plain")),
    "respell-field:instant-link:cost": ("atelier", lambda b: linked(b.callers["atelier"]).json().get("COST") == 256),
    "slow:instant": ("atelier", lambda b: _hangs(b)),
    "hang:instant": ("atelier", lambda b: _hangs(b)),
}
#: Operators that need what these two providers lack; they are shown in their own tests below.
ELSEWHERE = {
    "serve-refused", "ignore-mirror", "refuse-key-place", "refuse-letter-case", "refuse-probe", "heed-ignored", "other-table",
    "expire-early", "other-file-later",
}  # fmt: skip


def _size(bench: Bench, **body: object) -> tuple[int, int]:
    caller = bench.callers["atelier"]
    operation = caller.contract.operation("instant")
    return caller.pictures(operation, put(caller, {**BRIEF, **body}))[0].size


def _made(bench: Bench, **asked: str) -> tuple[int, int]:
    caller = bench.callers["threedaistudio"]
    operation = caller.contract.operations[0]
    request = operation.base
    for role, value in asked.items():
        request = request.put(operation.roles[role].at, operation.roles[role].wire(value))
    return caller.pictures(operation, caller.send(operation, request))[0].size


def _fetched(bench: Bench, name: str = "href") -> httpx2.Response:
    return bench.callers["atelier"].client.get(linked(bench.callers["atelier"]).json()["pictures"][0][name])


def _cost(caller: Caller, ask: Callable[[Caller], object]) -> str:
    from fractions import Fraction

    before = Fraction(caller.balance())
    ask(caller)
    return str(before - Fraction(caller.balance()))


def _submitted(caller: Caller) -> httpx2.Response:
    return caller.send(caller.contract.operations[0], caller.contract.operations[0].base)


def _count(bench: Bench, number: int) -> int:
    caller = bench.callers["threedaistudio"]
    operation = caller.contract.operations[0]
    return len(caller.pictures(operation, caller.send(operation, operation.base.put(operation.roles["count"].at, number))))


def _without_key(caller: Caller) -> int:
    operation = caller.contract.operations[0]
    return caller.look(operation, caller.task(operation, _submitted(caller)), None).status_code


def _foreign(caller: Caller) -> int:
    operation = caller.contract.operations[0]
    return caller.look(operation, caller.task(operation, _submitted(caller)), caller.key("second_account")).status_code


def _unknown(caller: Caller) -> int:
    return caller.look(caller.contract.operations[0], "no-such-task").status_code


def _last(bench: Bench) -> dict[str, object]:
    return dict(trace(bench.callers["threedaistudio"])[-1][2].json())


def _words(bench: Bench) -> list[str]:
    caller = bench.callers["threedaistudio"]
    operation = caller.contract.operations[0]
    task = caller.task(operation, _submitted(caller))
    words = [caller.look(operation, task).json()["status"] for _ in range(4)]
    return [str(word) for word in words]


def _second_look(bench: Bench, pictures: bool = False):  # type: ignore[no-untyped-def]
    caller = bench.callers["threedaistudio"]
    operation = caller.contract.operations[0]
    task = caller.task(operation, _submitted(caller))
    looks = [caller.look(operation, task).json() for _ in range(4)]
    if not pictures:
        return looks[-1]
    first, second = (caller.client.get(look["results"][0]["asset_url"]).content for look in looks[2:])
    return first != second


def _hangs(bench: Bench) -> bool:
    # A gateway that conforms may take its time on a busy machine; one that is to hang answers in a minute at the earliest.
    caller, patience = bench.callers["atelier"], 0.3 if bench.faulty else 30
    try:
        caller.client.put("/renders/r", json=BRIEF, params={"token": caller.key()}, headers=WAIT, timeout=patience)
    except httpx2.TimeoutException:
        return True
    return False


@pytest.mark.parametrize("id", sorted(SEEN))
def test_a_fault_shows(bench: Bench, id: str) -> None:
    provider, shows = SEEN[id]
    assert not shows(bench), "a conforming gateway must not look like that"
    bench.broken(provider, id)
    assert shows(bench)


def test_every_operator_is_shown() -> None:
    assert {id.partition(":")[0] for id in SEEN} | ELSEWHERE == {operator.name for operator in OPERATORS}


@pytest.mark.parametrize("provider", ["atelier", *provider_names()])
def test_every_listed_fault_can_be_switched_on(provider: str) -> None:
    gateway = load_gateway(provider, Path(__file__).parent / "specs" if provider == "atelier" else None)
    ids = fault_ids(gateway.contract, gateway.wording)
    assert len(ids) == len(set(ids)) > 100
    assert Faults(gateway.contract, ids) is not None


@pytest.mark.parametrize("id", ["no-such-fault", "swap-dimensions:no-such-operation"])
def test_an_unknown_fault_is_said(id: str, bench: Bench) -> None:
    with pytest.raises(FaultError, match=id.rpartition(":")[2]):
        bench.broken("atelier", id)


def test_a_fault_stays_with_its_operation(bench: Bench) -> None:
    caller = bench.broken("atelier", "swap-dimensions:render")
    assert _size(bench) == (640, 480)
    [picture] = caller.pictures(caller.contract.operation("render"), _submitted(caller))
    assert picture.size == (480, 640)


def _asked(provider: str, key: str, *faults: str, sent: dict[str, object] | None = None, scheme: str = ""):  # type: ignore[no-untyped-def]
    """One request of an operation, its body changed at pointers, to a gateway with faults."""
    gateway = load_gateway(provider, None, faults=faults)
    operation = gateway.contract.operation(key)
    request = operation.base
    for pointer, value in (sent or {}).items():
        request = request.put(Location("json", pointer), value)
    own = gateway.accounts.keys["default"]
    headers = Headers({scheme: own} if scheme else {"authorization": f"Bearer {own}"})
    request = replace(request, path=request.target_path, path_params={})
    return asyncio.run(gateway.reply(Incoming(request, headers, "application/json", b"{}", "http://127.0.0.1:1", 1)))


@pytest.mark.parametrize(
    ("provider", "key", "fault", "sent", "scheme", "right", "wrong"),
    [
        ("apimaster", "chat", "serve-refused", {}, "", 400, 200),
        ("xairouter", "native", "refuse-key-place:googleKey", {}, "x-goog-api-key", 200, 400),
        ("apimaster", "generate", "refuse-letter-case:generate:size", {"/resolution": "2k"}, "", 200, 400),
        ("apimaster", "generate", "refuse-probe:generate:both-searches", {"/google_search": True, "/google_image_search": True}, "", 200, 400),
        ("xairouter", "native", "refuse-key-place:bearer", {}, "x-goog-api-key", 200, 200),
    ],
)
def test_faults_that_need_another_provider(provider: str, key: str, fault: str, sent: dict[str, object], scheme: str, right: int, wrong: int) -> None:
    assert _asked(provider, key, sent=sent, scheme=scheme).status == right
    assert _asked(provider, key, fault, sent=sent, scheme=scheme).status == wrong


@pytest.mark.parametrize(
    ("fault", "sent"), [("heed-ignored:generations/2.5:size", {"/resolution": "4K"}), ("other-table:generations/2.5", {"/aspect_ratio": "16:9"})]
)
def test_faults_of_pixels_that_need_two_models(fault: str, sent: dict[str, object]) -> None:
    assert _asked("maxapi", "generations/2.5", sent=sent).json["size"] != _asked("maxapi", "generations/2.5", fault, sent=sent).json["size"]


def test_the_mirror_is_ignored() -> None:
    for faults, host in (((), "//localhost:"), (("ignore-mirror",), "//127.0.0.1:")):
        assert host in _asked("maxapi", "generations/2.5", *faults, sent={"/asset_delivery": "mirror"}).json["data"][0]["url"]


def test_a_place_is_found_in_every_kind_of_answer(bench: Bench) -> None:
    caller = bench.broken("atelier")
    refused = put(caller, {})
    assert found(refused, caller.contract.errors.code) == "E_BRIEF"
    assert Location.parse("json:/brief").name == "brief"
