"""A folder of specs → one Contract. The only place that knows how the files fit together."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from proofsheet.contract import model as m
from proofsheet.contract.clients import read_clients
from proofsheet.contract.complaints import suggestion
from proofsheet.contract.consistency import check_answer, check_consistency
from proofsheet.contract.errors import ContractError, LocationError
from proofsheet.contract.files import folder_digest, specs_root, validated
from proofsheet.contract.locations import Location, Locator, plain_text
from proofsheet.contract.openapi import Resolver, read_endpoints
from proofsheet.contract.pictures import sample_picture
from proofsheet.contract.presets import read_table
from proofsheet.contract.relay import read_relay
from proofsheet.contract.requests import ABSENT, Request, Upload
from proofsheet.contract.requirements import read_matrix


def provider_names(root: Path | None = None) -> list[str]:
    """The providers that have a folder with a contract."""
    folder = root or specs_root()
    return sorted(path.parent.name for path in folder.glob("*/contract.yaml"))


def load_contract(provider: str, root: Path | None = None, *, matrix: bool = True) -> m.Contract:
    """Load and validate one provider's specs. Raises ContractError with the file and what to change.

    ``matrix=False`` leaves the traceability matrix unread: it is most of the reading, and nobody but the judge needs it.
    """
    base = root or specs_root()
    folder = base / provider
    if not (folder / "contract.yaml").is_file():
        known = ", ".join(provider_names(base)) or "none"
        raise ContractError(str(folder), f"no provider '{provider}' here (there are: {known})")
    try:
        return _Builder(folder, base).build(matrix)
    except LocationError as error:
        raise ContractError(str(folder / "contract.yaml"), str(error)) from None


def merged(under: Any, over: Any) -> Any:
    """``over`` laid on ``under``: mappings are merged, null takes a key out, anything else replaces."""
    if not (isinstance(under, Mapping) and isinstance(over, Mapping)):
        return copy.deepcopy(over)
    result = dict(under)
    for key, value in over.items():
        if value is None and key in result:
            del result[key]
        else:
            result[key] = merged(result.get(key), value)
    return result


class _Builder:
    """Holds what the parts of one contract share while it is built."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder, self.root = folder, root
        self.path = folder / "contract.yaml"
        self.raw = validated(self.path, "contract.schema.json")
        self.resolver = Resolver(folder)
        self.tables: dict[str, m.PresetTable] = {}
        self.endpoints, self.schemes = read_endpoints(self.resolver, folder / "openapi.yaml")
        self.models = {model.id: model for model in map(_model, self.raw.get("models", []))}
        self.answers = {name: _answer(name, entry) for name, entry in self.raw["answers"].items()}
        self.lifecycles = {name: self._lifecycle(name, entry) for name, entry in self.raw.get("lifecycles", {}).items()}

    def build(self, matrix: bool) -> m.Contract:
        raw = self.raw
        if raw["provider"] != self.folder.name:
            raise ContractError(str(self.path), f"provider is '{raw['provider']}', but the folder is '{self.folder.name}'")
        contract = m.Contract(
            provider=raw["provider"],
            title=raw["title"],
            base_url=raw["base_url"].rstrip("/"),
            documents=tuple(m.Document(d["id"], d["title"], d.get("sha256"), d.get("lines")) for d in raw.get("documents", [])),
            models=tuple(map(_model, raw.get("models", []))),
            operations=tuple(operation for name in raw["operations"] for operation in self._operations(name)),
            endpoints=self.endpoints,
            security_schemes=self.schemes,
            errors=self._errors(raw.get("errors", {})),
            assets=_assets(raw.get("assets", {})),
            prices=_prices(raw["prices"]) if "prices" in raw else None,
            pace=m.Pace(**raw.get("pace", {})),
            times=_times(raw.get("times", {})),
            features=tuple(m.Feature(name, entry["title"], tuple(entry["cases"])) for name, entry in raw.get("features", {}).items()),
            matrix=read_matrix(self.folder / "requirements.yaml", raw["provider"]) if matrix else m.Matrix(()),
            sha256=folder_digest(self.folder),
            folder=str(self.folder),
            relay=read_relay(raw.get("relay")),
            clients=read_clients(raw.get("clients")),
        )
        check_consistency(contract)
        return contract

    def _fail(self, problem: str) -> ContractError:
        return ContractError(str(self.path), problem)

    def _endpoint(self, operation_id: str, where: str) -> m.Endpoint:
        if operation_id not in self.endpoints:
            raise self._fail(f"{where} names the operation '{operation_id}', which openapi.yaml lacks{suggestion(operation_id, sorted(self.endpoints))}")
        return self.endpoints[operation_id]

    def _named(self, kind: str, table: Mapping[str, Any], name: str | None, where: str) -> Any:
        if name is None:
            return None
        if name not in table:
            raise self._fail(f"{where} names the {kind} '{name}', which is not there{suggestion(name, table)}")
        return table[name]

    def _lifecycle(self, name: str, raw: Mapping[str, Any]) -> m.Lifecycle:
        where = f"lifecycles/{name}"
        return m.Lifecycle(
            name=name,
            id=_locators(raw["id"]),
            poll_url=_locators(raw.get("poll_url")),
            poll=self._endpoint(raw["poll"]["operation"], where),
            poll_path=raw["poll"].get("path", {}),
            poll_query=raw["poll"].get("query", {}),
            status=_status(raw["status"]),
            answer=self._named("answer", self.answers, raw["answer"], where),
            progress=_locators(raw.get("progress")),
            reason=_locators(raw.get("reason")),
            result=Locator.parse(raw["result"]) if "result" in raw else None,
            isolated=raw.get("isolated", True),
            poll_json=raw["poll"].get("json"),
            fetch=self._call(raw["fetch"], where) if "fetch" in raw else None,
            id_type=raw.get("id_type", "string"),
            unknown_id=raw.get("unknown_id"),
        )

    def _call(self, raw: Mapping[str, Any], where: str) -> m.Call:
        return m.Call(self._endpoint(raw["operation"], where), raw.get("path", {}), raw.get("query", {}))

    def _raw_operation(self, name: str, trail: tuple[str, ...] = ()) -> dict[str, Any]:
        if name in trail:
            raise self._fail(f"operations/{name} extends itself")
        if name not in self.raw["operations"]:
            raise self._fail(f"operations/{trail[-1]} extends '{name}', which is not there{suggestion(name, self.raw['operations'])}")
        raw = dict(self.raw["operations"][name])
        parent = raw.pop("extends", None)
        return dict(merged(self._raw_operation(parent, (*trail, name)), raw)) if parent else raw

    def _operations(self, name: str) -> Iterable[m.Operation]:
        raw = self._raw_operation(name)
        by_model = raw.pop("models", None) or {}
        for model_id in by_model:
            self._named("model", self.models, model_id, f"operations/{name}")
        if not by_model:
            only = next(iter(self.models.values())) if len(self.models) == 1 else None
            yield self._operation(name, name, raw, only)
        for model_id, difference in by_model.items():
            model = self.models[model_id]
            key = f"{name}/{model.short}" if len(by_model) > 1 else name
            yield self._operation(name, key, dict(merged(raw, difference or {})), model)

    def _operation(self, name: str, key: str, raw: Mapping[str, Any], model: m.Model | None) -> m.Operation:
        where = f"operations/{key}"
        for needed in ("operation", "purpose"):
            if needed not in raw:
                raise self._fail(f"{where} lacks '{needed}'")
        endpoint = self._endpoint(raw["operation"], where)
        media_type = raw.get("media_type") or next(iter(endpoint.body_schemas), None)
        roles = {role: _role(role, entry) for role, entry in raw.get("roles", {}).items() if entry is not None}
        walk = raw.get("walk", {})
        return m.Operation(
            name=name,
            key=key,
            purpose=raw["purpose"],
            endpoint=endpoint,
            model=model,
            media_type=media_type,
            schema=self._schema(raw, endpoint, media_type, where),
            base=self._base(endpoint, raw.get("request", {}), roles, model, media_type),
            roles=roles,
            answer=self._named("answer", self.answers, raw.get("answer"), where),
            lifecycle=self._named("lifecycle", self.lifecycles, raw.get("lifecycle"), where),
            pixels=self._pixels(raw.get("pixels")),
            skip=tuple(walk.get("skip", ())),
            walk_body=walk.get("body", True),
            cells=walk.get("cells", "all"),
            probes=tuple(_probe(entry) for entry in raw.get("probes", [])),
            prefixes=raw.get("prefixes", {}),
        )

    def _schema(self, raw: Mapping[str, Any], endpoint: m.Endpoint, media_type: str | None, where: str) -> Any:
        if "schema" in raw:
            path = (self.folder / raw["schema"]).resolve()
            return self.resolver.resolve(self.resolver.file(path), path)
        if media_type is None:
            return None
        if media_type not in endpoint.body_schemas:
            raise self._fail(f"{where}: openapi.yaml documents no body of type {media_type} for {endpoint.operation_id}")
        return endpoint.body_schemas[media_type]

    def _base(self, endpoint: m.Endpoint, raw: Mapping[str, Any], roles: Mapping[str, m.Role], model: m.Model | None, media_type: str | None) -> Request:
        files = tuple((field, _upload(name)) for field, names in raw.get("files", {}).items() for name in ([names] if isinstance(names, str) else names))
        request = Request(
            method=endpoint.method,
            path=endpoint.path,
            path_params={key: plain_text(value) for key, value in raw.get("path", {}).items()},
            headers={key: plain_text(value) for key, value in raw.get("headers", {}).items()},
            query={key: plain_text(value) for key, value in raw.get("query", {}).items()},
            json=raw.get("json", ABSENT),
            form=dict(raw.get("form", {})),
            files=files,
            media_type=None if media_type in ("application/json", "multipart/form-data") else media_type,
        )
        if model is not None and "model" in roles:
            request = request.put(roles["model"].at, roles["model"].wire(model.id))
        missing = re.findall(r"\{(\w+)\}", request.target_path)
        if missing:
            raise self._fail(f"the path {endpoint.path} needs a value for '{missing[0]}' (request/path, or a role at path:{missing[0]})")
        return request

    def _pixels(self, raw: Mapping[str, Any] | None) -> m.Pixels | None:
        if raw is None or "table" not in raw:
            return None
        name = raw["table"]
        if name not in self.tables:
            self.tables[name] = read_table(name, (self.folder / "presets", self.root / "presets", specs_root() / "presets"))
        return m.Pixels(self.tables[name], raw.get("default", {}), tuple(raw.get("formats", ("png", "jpeg", "webp"))))

    def _errors(self, raw: Mapping[str, Any]) -> m.Errors:
        envelopes = []
        for entry in raw.get("envelopes", []):
            path = (self.folder / entry["schema"]).resolve()
            envelopes.append(m.Envelope(tuple(entry["on"]), self.resolver.resolve(self.resolver.file(path), path), entry["schema"]))
        return m.Errors(
            message=_locators(raw.get("message")),
            code=_locators(raw.get("code")),
            media_types=tuple(raw.get("media_types", ("application/json",))),
            envelopes=tuple(envelopes),
            catalogue=tuple(_error_case(entry) for entry in raw.get("catalogue", [])),
        )


def _model(raw: Mapping[str, Any]) -> m.Model:
    return m.Model(raw["id"], raw.get("short") or re.sub(r"[^A-Za-z0-9._-]+", "-", raw["id"].rpartition("/")[2]))


def _upload(name: str) -> Upload:
    picture = sample_picture(name)
    return Upload(f"sample.{name}", picture.media_type, picture.content)


def _locators(raw: Any) -> m.Locators:
    if raw is None:
        return ()
    return tuple(Locator.parse(entry) for entry in (raw if isinstance(raw, list) else [raw]))


def _answer(name: str, raw: Mapping[str, Any]) -> m.Answer:
    images = tuple(m.ImageRule(**{**entry, "at": Locator.parse(entry["at"])} if "at" in entry else entry) for entry in raw["images"])
    declared = {key: _locators(entry) for key, entry in raw.get("declared", {}).items()}
    answer = m.Answer(name, images, _locators(raw.get("tokens")), declared, raw.get("first", False))
    check_answer(f"answers/{name}", answer)
    return answer


def _status(raw: Mapping[str, Any]) -> m.StatusRule:
    words = {plain_text(word): "running" for word in [*raw.get("submitted", []), *raw.get("running", [])]}
    words |= {plain_text(word): state for state in ("succeeded", "failed") for word in raw.get(state, [])}
    return m.StatusRule(
        at=_locators(raw.get("at")),
        words=words,
        submitted=frozenset(plain_text(word) for word in raw.get("submitted", ())),
        rules=tuple(_state_rule(entry) for entry in raw.get("rules", [])),
        otherwise=raw.get("otherwise", "unknown"),
    )


def _state_rule(raw: Mapping[str, Any]) -> m.StateRule:
    equals = (Locator.parse(raw["equals"]["at"]), raw["equals"]["value"]) if "equals" in raw else None
    present, absent = (Locator.parse(raw[key]) if key in raw else None for key in ("present", "absent"))
    return m.StateRule(raw["state"], present, absent, equals)


def _role(name: str, raw: Any) -> m.Role:
    if isinstance(raw, str):
        return m.Role(name, Location.parse(raw))
    return m.Role(
        name=name,
        at=Location.parse(raw["at"]),
        also=tuple(Location.parse(place) for place in raw.get("also", [])),
        default=raw.get("default"),
        values=raw.get("values", {}),
        free=tuple(raw.get("free", ())),
        ignored=raw.get("ignored", False),
        letter_case=raw.get("case"),
        max=raw.get("max"),
        min=raw.get("min"),
        formats=tuple(raw.get("formats", ())),
        append=raw.get("append", False),
        forms=raw.get("forms", {}),
    )


def _probe(raw: Mapping[str, Any]) -> m.Probe:
    changes = tuple((Location.parse(place), ABSENT if value is None else value) for place, value in raw["set"].items())
    return m.Probe(raw["id"], changes, raw["expect"], raw.get("invalid", raw["expect"] == "refuse"), raw.get("why", ""))


def _error_case(raw: Mapping[str, Any]) -> m.ErrorCase:
    provoke = raw["provoke"]
    word = provoke if isinstance(provoke, str) else ":".join(next(iter(provoke.items())))
    return m.ErrorCase(
        id=raw["id"],
        provoke=word,
        on=tuple(raw.get("on", ("**",))),
        status=tuple(raw.get("status", ())),
        tolerated=tuple(raw.get("tolerated", ())),
        codes=tuple(raw.get("codes", ())),
        hint=raw.get("hint"),
        parameter=raw.get("parameter"),
        retry_after=raw.get("retry_after"),
    )


def _assets(raw: Mapping[str, Any]) -> m.Assets:
    mirror = next(iter(raw["mirror"].items())) if raw.get("mirror") else None
    return m.Assets(tuple(raw.get("hosts", ())), mirror, raw.get("lifetime"))


def _prices(raw: Mapping[str, Any]) -> m.Prices:
    rules = tuple(
        m.PriceRule(Fraction(rule["amount"]), rule.get("when", {}), tuple(rule.get("operations", ("**",))), tuple(rule.get("models", ("**",))))
        for rule in raw["rules"]
    )
    tokens = raw.get("tokens", {})
    return m.Prices(
        unit=raw["unit"],
        per=raw.get("per", "image"),
        rules=rules,
        usd_per_unit=Fraction(raw["usd_per_unit"]) if raw.get("usd_per_unit") else None,
        relative=raw.get("relative", False),
        also_called=tuple(raw.get("also_called", ())),
        tokens_per_million=Fraction(tokens["per_million"]) if "per_million" in tokens else None,
        token_image={size: Fraction(amount) for size, amount in tokens.get("image", {}).items()},
    )


def _times(raw: Mapping[str, Any]) -> m.Times:
    seconds = raw.get("image_seconds")
    return m.Times(raw.get("request_timeout", 180.0), raw.get("lifecycle_timeout", 600.0), tuple(seconds) if seconds else None)
