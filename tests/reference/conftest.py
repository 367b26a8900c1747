"""One gateway for the invented provider and one for those that ship."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from proofsheet.contract import provider_names
from proofsheet.reference import ReferenceProcess, start_reference
from reference.caller import Caller

INVENTED = Path(__file__).parent / "specs"


@pytest.fixture(scope="session")
def invented() -> Iterator[ReferenceProcess]:
    with start_reference(["atelier"], INVENTED) as process:
        yield process


@pytest.fixture(scope="session")
def shipped() -> Iterator[ReferenceProcess]:
    with start_reference(provider_names()) as process:
        yield process


@pytest.fixture
def atelier(invented: ReferenceProcess) -> Iterator[Caller]:
    with Caller("atelier", invented.providers["atelier"].target, INVENTED) as caller:
        yield caller


@pytest.fixture(params=["atelier", *provider_names()])
def caller(request: pytest.FixtureRequest) -> Iterator[Caller]:
    """Each provider in turn."""
    own = request.param == "atelier"
    process = request.getfixturevalue("invented" if own else "shipped")
    with Caller(request.param, process.providers[request.param].target, INVENTED if own else None) as caller:
        yield caller


@pytest.fixture
def invented_alone() -> Iterator[Caller]:
    """A gateway of its own, for those who move its clock."""
    with start_reference(["atelier"], INVENTED) as process, Caller("atelier", process.providers["atelier"].target, INVENTED) as caller:
        yield caller
