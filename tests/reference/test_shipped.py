"""What only some of the shipped providers show."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from proofsheet.contract import provider_names
from proofsheet.contract.locations import Location
from proofsheet.reference import ReferenceProcess
from reference.caller import Caller


@pytest.fixture(params=provider_names())
def vendor(request: pytest.FixtureRequest, shipped: ReferenceProcess) -> Iterator[Caller]:
    with Caller(request.param, shipped.providers[request.param].target, None) as caller:
        yield caller


def vendor_named(shipped: ReferenceProcess, name: str) -> Caller:
    return Caller(name, shipped.providers[name].target, None)


def test_the_target_has_what_a_run_needs(vendor: Caller) -> None:
    target = vendor.target
    assert set(target["credentials"]) == {"default", "second_account", "insufficient_balance", "rate_limited"}
    assert len(set(target["credentials"].values())) == 4
    assert target["paid"] is False
    assert (target["asset_hosts"], target["mirror_hosts"]) == (["127.0.0.1"], ["localhost"])
    assert set(target["states"]) == {"sync_timeout", "upstream_error", "task_failure"}
    assert vendor.client.get(target["reference_image_url"]).headers["content-type"] == "image/png"


def test_both_prefixes_of_the_native_routes(vendor: Caller) -> None:
    native = [operation for operation in vendor.contract.operations if operation.prefixes]
    for operation in native:
        for documented, other in operation.prefixes.items():
            path = operation.base.target_path.replace(documented, other)
            answer = vendor.client.post(path, json=operation.base.json, headers=vendor.auth(operation, vendor.key())[0])
            assert answer.status_code == 200, path
    assert native or vendor.contract.provider in ("apimaster", "threedaistudio")


def test_the_mirror_is_another_host(shipped: ReferenceProcess) -> None:
    with vendor_named(shipped, "maxapi") as caller:
        operation = caller.contract.operation("generations/2.5")
        hosts = {}
        for value in ("default", "mirror"):
            [picture] = caller.pictures(operation, caller.send(operation, operation.base.put(operation.roles["delivery"].at, value)))
            hosts[value] = urlsplit(str(picture.url)).hostname
        assert hosts == {"default": "127.0.0.1", "mirror": "localhost"}


def test_an_ignored_size_changes_nothing(shipped: ReferenceProcess) -> None:
    with vendor_named(shipped, "maxapi") as caller:
        operation = caller.contract.operation("generations/2.5")
        request = operation.base.put(operation.roles["ratio"].at, "9:16").put(operation.roles["size"].at, "2K")
        [picture] = caller.pictures(operation, caller.send(operation, request))
        assert picture.size == (768, 1344)


def test_text_comes_only_where_it_was_asked_for(shipped: ReferenceProcess) -> None:
    with vendor_named(shipped, "xairouter") as caller:
        operation = caller.contract.operation("native")
        at = Location("json", "/generationConfig/responseModalities")
        for asked, texts in ((["IMAGE"], 0), (["IMAGE", "TEXT"], 1)):
            parts = caller.send(operation, operation.base.put(at, asked)).json()["candidates"][0]["content"]["parts"]
            assert sum("text" in part for part in parts) == texts


@pytest.mark.parametrize(("size", "tokens"), [("512", 747), ("1K", 1120), ("2K", 1680), ("4K", 2520)])
def test_token_counts(shipped: ReferenceProcess, size: str, tokens: int) -> None:
    with vendor_named(shipped, "xairouter") as caller:
        operation = caller.contract.operation("native")
        usage = caller.send(operation, operation.base.put(operation.roles["size"].at, size)).json()["usageMetadata"]
        assert (usage["candidatesTokenCount"], usage["totalTokenCount"]) == (tokens, tokens + usage["promptTokenCount"])


def test_letter_case_of_sizes(shipped: ReferenceProcess) -> None:
    with vendor_named(shipped, "apimaster") as caller:
        operation = caller.contract.operation("generate")
        request = operation.base.put(operation.roles["size"].at, "4k").put(operation.roles["ratio"].at, "8:1")
        [picture] = caller.pictures(operation, caller.send(operation, request))
        assert picture.size == (12288, 1536)
        assert len(picture.content) < 400_000


def test_results_with_copies(shipped: ReferenceProcess) -> None:
    with vendor_named(shipped, "threedaistudio") as caller:
        operation = caller.contract.operation("generate")
        _, final = caller.result(operation, caller.send(operation, operation.base.put(operation.roles["count"].at, 3)))
        results = final.json()["results"]
        assert len(results) == 3
        for result in results:
            assert caller.client.get(result["asset"]).content == caller.client.get(result["asset_url"]).content
            assert len(caller.client.get(result["thumbnail"]).content) < 2000
