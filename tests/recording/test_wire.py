"""Whatever a target does on the wire, a replay tells the same; and plain vcrpy reads what was written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from gzip import compress
from pathlib import Path
from typing import Any
from zlib import compress as deflate

import httpx2
import pytest
import vcr

from exchange.hostile import KEY, Script, Seen, answer, closing, raw_server, target
from exchange.test_client import DEFAULT, POST
from proofsheet.exchange.assets import Assets, Fetched
from proofsheet.exchange.client import Client
from proofsheet.exchange.model import Exchange
from proofsheet.exchange.targets import Target
from proofsheet.exchange.transfer import FreshTransport
from proofsheet.recording.blobs import BlobStore
from proofsheet.recording.cassette import NO_ANSWER, Cassette, Persister, from_text, to_text
from proofsheet.recording.errors import RecordingError
from proofsheet.recording.secrets import Secrets
from proofsheet.recording.tape import TAPE, Tape
from proofsheet.recording.wire_record import TAKES, RecordingTransport, Take, interaction
from proofsheet.recording.wire_replay import ReplayingTransport
from recording.test_bodies import PNG


class Studio:
    """Records what a client does, and lets it do the same again without the server."""

    def __init__(self, folder: Path, against: Target) -> None:
        self.folder, self.target = folder, against
        self.secrets = Secrets(against, {DEFAULT.scheme.id: DEFAULT.scheme})
        self.store = BlobStore(folder / "blobs")
        self.file = folder / "case.yaml"

    async def record(self, work: Callable[[httpx2.AsyncBaseTransport], Awaitable[Any]]) -> Any:
        takes: list[Take] = []
        token = TAKES.set(takes)
        try:
            result = await work(RecordingTransport(FreshTransport(4), time.monotonic))
        finally:
            TAKES.reset(token)
        kept = tuple(interaction(take, self.secrets, self.store) for take in takes)
        self.file.write_text(to_text(Cassette("a/case", kept)), encoding="utf-8", newline="\n")
        return result

    async def replay(self, work: Callable[[httpx2.AsyncBaseTransport], Awaitable[Any]]) -> Any:
        tape = Tape(from_text(self.file.read_text(encoding="utf-8"), "case.yaml").interactions)
        token = TAPE.set(tape)
        try:
            return await work(ReplayingTransport(self.store, self.secrets))
        finally:
            TAPE.reset(token)


def both(folder: Path, script: Script | bytes, timeout: float = 30.0, max_body: int = 1 << 20, times: int = 1, later: float | None = None) -> tuple[list[Exchange], list[Exchange]]:
    """What came of it live, and in the replay, where the time limit is ``later`` if it is another one."""

    async def run() -> tuple[list[Exchange], list[Exchange]]:
        async with raw_server(script) as server:
            studio = Studio(folder, target(server.url))

            def work(limit: float) -> Callable[[httpx2.AsyncBaseTransport], Awaitable[list[Exchange]]]:
                async def send(transport: httpx2.AsyncBaseTransport) -> list[Exchange]:
                    async with Client(studio.target, transport=transport, max_body=max_body) as client:
                        return [(await client.send(POST, DEFAULT, timeout=limit)).exchange for _ in range(times)]

                return send

            live = await studio.record(work(timeout))
        return live, await asyncio.wait_for(studio.replay(work(later or timeout)), 120)

    return asyncio.run(run())


async def stall(_: Seen, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def stall_inside(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"half":')
    await writer.drain()
    await asyncio.sleep(30)


async def reset(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


GZIPPED = compress(b'{"a": 1}', mtime=0)
SCRIPTS: dict[str, Script | bytes] = {
    "an answer": answer(),
    "a refusal": answer("429 Too Many Requests", b'{"error": {"message": "slow"}}', "Retry-After: 3"),
    "two headers of one name": answer("200 OK", b"{}", "X-Two: a", "X-Two: b"),
    "a header that is no ASCII": answer("200 OK", b"{}", "X-Word: caf\u00e9"),
    "an odd reason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}",
    "a picture": answer("200 OK", PNG, media_type="image/png"),
    "gzip": answer("200 OK", GZIPPED, "Content-Encoding: gzip"),
    "deflate": answer("200 OK", deflate(b'{"a": 1}'), "Content-Encoding: deflate"),
    "cut gzip": answer("200 OK", GZIPPED[:-6], "Content-Encoding: gzip"),
    "no gzip": answer("200 OK", b"this is not gzip", "Content-Encoding: gzip"),
    "an encoding nobody asked for": answer("200 OK", b"xx", "Content-Encoding: br"),
    "a reset": reset,
    "no answer at all": closing(b""),
    "half a head": closing(b"HTTP/1.1 200 OK\r\nConte"),
    "half a body": closing(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"a":'),
    "a wrong length": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "no HTTP": b"not http at all\r\n\r\n",
    "a body that is too long": answer("200 OK", b" " * (1 << 21)),
    "an endless body": closing(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * (3 << 20)),
    "a redirect": answer("302 Found", b"", "Location: http://127.0.0.1:1/elsewhere"),
}


def told(exchange: Exchange) -> Exchange:
    """All that can be judged: how long it took, and lengths that follow from the encoding, cannot."""
    headers = {name: value for name, value in exchange.headers.items() if name != "content-length" or "content-encoding" not in exchange.headers}
    return replace(exchange, started=0.0, seconds=0.0, headers=headers)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_replay_tells_what_happened(name: str, tmp_path: Path) -> None:
    live, replayed = both(tmp_path, SCRIPTS[name])
    assert list(map(told, replayed)) == list(map(told, live))
    assert live[0].problem != "unrecorded"


@pytest.mark.parametrize("script", [stall, stall_inside])
def test_a_timeout_replays_at_once(script: Script, tmp_path: Path) -> None:
    # The replay may take an hour, and tells the same: it waits for no clock.
    live, replayed = both(tmp_path, script, timeout=0.4, later=3600.0)
    assert (live[0].problem, live[0].detail) == ("timeout", "no complete answer within 0.4 s")
    assert told(replace(replayed[0], detail=live[0].detail)) == told(live[0])
    assert 0.3 < replayed[0].seconds < live[0].seconds + 0.001, "as long as it took then"


def test_the_same_request_again_gets_the_next_answer(tmp_path: Path) -> None:
    count = 0

    async def counting(_: Seen, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        writer.write(answer("200 OK", b'{"look": %d}' % count))

    live, replayed = both(tmp_path, counting, times=3)
    assert [exchange.json["look"] for exchange in replayed] == [exchange.json["look"] for exchange in live] == [1, 2, 3]


def test_more_often_than_recorded_is_not_recorded(tmp_path: Path) -> None:
    both(tmp_path, answer())
    studio = Studio(tmp_path, target("http://127.0.0.1:9"))
    interactions = from_text(studio.file.read_text(), "x").interactions
    studio.target = target(httpx2.URL(interactions[0].asked.uri).copy_with(path="").__str__().rstrip("/"))

    async def work(transport: httpx2.AsyncBaseTransport) -> list[Exchange]:
        async with Client(studio.target, transport=transport) as client:
            return [(await client.send(POST, DEFAULT)).exchange for _ in range(2)]

    first, second = asyncio.run(studio.replay(work))
    assert (first.problem, second.problem) == (None, "unrecorded")
    assert "less often than it is asked now" in second.detail


def test_hosts_of_pictures_that_are_refused_stay_refused(tmp_path: Path) -> None:
    async def run() -> tuple[Fetched, Fetched]:
        async with raw_server(answer("200 OK", PNG, media_type="image/png")) as server:
            studio = Studio(tmp_path, target("https://gateway.example"))

            async def addresses(host: str) -> tuple[str, ...]:
                return ("93.184.216.34",)

            async def work(transport: httpx2.AsyncBaseTransport) -> Fetched:
                async with Assets(studio.target, ("pictures.example",), transport=Local(transport, server.port), resolver=addresses) as assets:
                    return await assets.fetch_asset("http://pictures.example/x.png")

            live = await studio.record(work)

        async def again(transport: httpx2.AsyncBaseTransport) -> Fetched:
            async with Assets(studio.target, ("pictures.example",), transport=Local(transport, server.port), resolver=addresses) as assets:
                return await assets.fetch_asset("http://pictures.example/x.png")

        return live, await studio.replay(again)

    live, replayed = asyncio.run(run())
    assert live.problem == "unsafe"
    assert (replayed.problem, replayed.detail) == (live.problem, live.detail)


class Local(httpx2.AsyncBaseTransport):
    """Connects to this machine whatever a name resolves to, as a rebound name would."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, port: int) -> None:
        self._inner, self._port = inner, port

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.url = httpx2.URL(f"http://127.0.0.1:{self._port}{request.url.path}")
        return await self._inner.handle_async_request(request)


def test_a_key_in_a_broken_gzip_body_is_not_kept(tmp_path: Path) -> None:
    body = compress(b'{"echo": "' + KEY.encode() + b'", "and": "' + bytes(range(32, 127)) * 20 + b'"}', 0, mtime=0)[:-8]
    _, replayed = both(tmp_path, answer("200 OK", body, "Content-Encoding: gzip"))
    assert replayed[0].problem == "broken"
    assert all(KEY.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_plain_vcrpy_reads_a_cassette_and_ours_gives_every_byte(tmp_path: Path) -> None:
    both(tmp_path, SCRIPTS["a picture"])
    uri = from_text((tmp_path / "case.yaml").read_text(), "x").interactions[0].asked.uri
    recorder = vcr.VCR(record_mode="none", match_on=("method", "uri"))
    with recorder.use_cassette(str(tmp_path / "case.yaml")), httpx2.Client() as client:
        assert client.post(uri).text.startswith("blob:sha256:")
    recorder.register_persister(Persister)
    with recorder.use_cassette(str(tmp_path / "case.yaml")), httpx2.Client() as client:
        reply = client.post(uri)
        assert (reply.status_code, reply.headers["content-type"], reply.content) == (200, "image/png", PNG)


def test_vcrpy_does_not_write_through_our_persister(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="written by 'proofsheet verify --mode record' alone"):
        Persister.save_cassette(tmp_path / "x.yaml", {}, None)


def test_vcrpy_finds_a_failure_as_a_status(tmp_path: Path) -> None:
    both(tmp_path, reset)
    cassette = from_text((tmp_path / "case.yaml").read_text(), "x")
    assert cassette.interactions[0].status is None
    assert f"code: {NO_ANSWER}" in (tmp_path / "case.yaml").read_text()


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "version: 1", "interactions: 3", "interactions:\n- request: {}\n", "interactions:\n- {}\n", "!!python/object:os.system {}",
        "interactions:\n- request: {method: GET, uri: x, body: '', headers: {}}\n  response: {}\n",
    ],
)
def test_a_broken_file_is_said_so(text: str) -> None:
    with pytest.raises(RecordingError, match="is no whole cassette"):
        from_text(text, "somewhere.yaml")


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_a_file_cut_anywhere_is_no_other_cassette(cut: float, tmp_path: Path) -> None:
    both(tmp_path, answer(), times=3)
    text = (tmp_path / "case.yaml").read_text()
    whole = from_text(text, "x")
    try:
        shorter = from_text(text[: int(len(text) * cut)], "x")
    except RecordingError:
        return
    assert len(shorter.interactions) < len(whole.interactions)
