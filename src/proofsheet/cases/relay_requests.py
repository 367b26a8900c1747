"""Requests that are known again on the other side of a gateway: each carries a token of its own in its prompt."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from proofsheet.cases.features import with_feature
from proofsheet.cases.model import Case, Probe, Relayed
from proofsheet.cases.requests import asked, base_request, probe
from proofsheet.contract.relay import marker
from proofsheet.contract.requests import Request

if TYPE_CHECKING:
    from proofsheet.cases.build import Ground

#: What every prompt says beside its marker.
SUBJECT = "A paper boat on a pond"
#: Seconds to watch on after an answer where a gateway may still try again.
AFTER_A_FAULT = 1.0


@dataclass(frozen=True)
class Maker:
    """Makes the relay cases of one operation. ``base`` is the plainest one, which all others lean on."""

    ground: Ground
    base: Probe

    @classmethod
    def of(cls, ground: Ground) -> Maker:
        """A maker, with its base."""
        return cls(ground, marked(ground, "base", base_request(ground.operation)))

    def case(self, name: str, kind: str, expect: str, made: Probe | None, *, twin: str | None = None, **more: Any) -> Case:
        """A case, its kind with ``relay-`` before it. ``twin`` is the rest of the id of a case of another area: what a target declares it lacks of that, it lacks of this."""
        values = {**({} if made is None else asked(self.ground.operation, made.request)), **more.pop("asked", {})}
        found = self.ground.case("relay", name, f"relay-{kind}", expect, made, asked=values, base=self.base, **more)
        return found if twin is None else self._with_feature(found, twin)

    def probe(self, name: str, request: Request, *, fault: str | None = None, text: str = SUBJECT, **how: Any) -> Probe:
        """A probe of this request with a marked prompt."""
        return marked(self.ground, name, request, fault=fault, text=text, **how)

    def _with_feature(self, case: Case, twin: str) -> Case:
        """What a target declares it lacks, it lacks here too. ``twin`` is the rest of the id of another area's case."""
        ground = self.ground
        return with_feature(ground.contract, ground.surroundings, case, f"{ground.contract.provider}/{ground.operation.key}/{twin}")


def token_of(ground: Ground, name: str) -> str:
    """A token that no other request of any provider has, and that is the same in every run."""
    return hashlib.sha256(f"{ground.contract.provider}/{ground.operation.key}/{name}".encode()).hexdigest()[:12]


def marked(
    ground: Ground, name: str, request: Request, *, fault: str | None = None, text: str = SUBJECT, credential: str = "default", **how: Any
) -> Probe:
    """A probe whose prompt is ``text`` with its marker: in the place of ``${marker}`` if there is one, else behind it."""
    token, sign = token_of(ground, name), marker(token_of(ground, name), fault)
    prompt = text.replace("${marker}", sign) if "${marker}" in text else f"{text} {sign}"
    made = probe(ground.operation, request.put(ground.operation.roles["prompt"].at, prompt), credential=credential)
    harm = next((one.id for one in ground.contract.relay.faults if one.id == fault and one.expect != "serve"), None)
    return replace(made, relay=Relayed(token, harm, **how))
