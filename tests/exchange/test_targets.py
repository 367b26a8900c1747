"""Target files: what they say, and one clear line for each way they can be wrong."""

from __future__ import annotations

import pickle
from fractions import Fraction
from pathlib import Path

import pytest

from proofsheet.exchange.origins import Origin
from proofsheet.exchange.targets import Balance, State, TargetError, TargetPace, load_target, target_from_mapping, target_from_options

FULL = """
[targets.candidate]
provider = "someone"
base_url = "http://127.0.0.1:9301/api/"
paid = true
headers = { "X-Region" = "eu" }
models = { "documented" = "mine" }
unsupported = ["async"]
asset_hosts = ["127.0.0.1", "cdn.example"]
mirror_hosts = ["localhost"]
request_timeout = 12.5
key_mode = "passthrough"
reference_image_url = "https://pictures.example/a.png"
[targets.candidate.credentials]
default = "CANDIDATE_KEY"
rate_limited = "CANDIDATE_LIMITED_KEY"
[targets.candidate.states.sync_timeout]
headers = { "X-Simulate" = "sync_timeout" }
[targets.candidate.states.task_failure]
json = { prompt = "fail please" }
credential = "rate_limited"
[targets.candidate.price]
usd_per_unit = "0.01"
[targets.candidate.balance]
url = "/v1/balance"
pointer = "/data/credits"
unit = "credits"
[targets.candidate.pace]
max_concurrency = 8
requests_per_minute = 60
first_poll_after = 0.1
poll_every = 0.2
lifecycle_timeout = 20

[targets.other]
provider = "someone"
base_url = "https://gateway.example"
"""
ENVIRON = {"CANDIDATE_KEY": "sk-one-secret", "CANDIDATE_LIMITED_KEY": "sk-two-secret"}
SMALL = '[targets.candidate]\nprovider = "someone"\nbase_url = "http://127.0.0.1:1"\n'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "targets.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problem(tmp_path: Path, text: str, name: str = "candidate", environ: dict[str, str] | None = None) -> str:
    with pytest.raises(TargetError) as raised:
        load_target(written(tmp_path, text), name, environ or {})
    assert raised.value.message == str(raised.value)
    assert "\n" not in raised.value.message
    return raised.value.message


def test_every_field_is_read(tmp_path: Path) -> None:
    target = load_target(written(tmp_path, FULL), "candidate", ENVIRON)
    assert (target.name, target.provider, target.base_url, target.paid) == ("candidate", "someone", "http://127.0.0.1:9301/api", True)
    assert target.headers == {"X-Region": "eu"}
    assert target.models == {"documented": "mine"}
    assert (target.model_name("documented"), target.model_name("another")) == ("mine", "another")
    assert target.unsupported == ("async",)
    assert (target.asset_hosts, target.mirror_hosts) == (("127.0.0.1", "cdn.example"), ("localhost",))
    assert (target.request_timeout, target.key_mode, target.reference_image_url) == (12.5, "passthrough", "https://pictures.example/a.png")
    assert {name: (one.variable, one.key.reveal()) for name, one in target.credentials.items()} == {
        "default": ("CANDIDATE_KEY", "sk-one-secret"),
        "rate_limited": ("CANDIDATE_LIMITED_KEY", "sk-two-secret"),
    }
    assert target.states == {
        "sync_timeout": State(headers={"X-Simulate": "sync_timeout"}),
        "task_failure": State(json={"prompt": "fail please"}, credential="rate_limited"),
    }
    assert target.usd_per_unit == Fraction(1, 100)
    assert target.balance == Balance("/v1/balance", "/data/credits", "credits")
    assert target.pace == TargetPace(8, 60, 0.1, 0.2, 20)
    assert target.origin == Origin("http", "127.0.0.1", 9301)


def test_defaults(tmp_path: Path) -> None:
    target = load_target(written(tmp_path, FULL), "other", {})
    assert target.paid is True
    assert (target.asset_hosts, target.mirror_hosts, target.key_mode, target.usd_per_unit) == (None, (), "own", None)
    assert (target.balance, target.pace, target.credentials, target.states) == (None, TargetPace(), {}, {})


@pytest.mark.parametrize(
    ("url", "paid"),
    [
        ("http://127.0.0.1:9", False),
        ("http://localhost:9", False),
        ("http://[::1]:9", False),
        ("http://10.1.2.3", False),
        ("http://192.168.1.1", False),
        ("https://gateway.example", True),
        ("https://8.8.8.8", True),
        ("https://localhost.example", True),
        ("http://169.254.169.254", True),
    ],
)
def test_paid_defaults_to_whether_it_is_elsewhere(url: str, paid: bool) -> None:
    assert target_from_options("someone", url, [], {}).paid is paid


def test_a_key_is_never_shown(tmp_path: Path) -> None:
    target = load_target(written(tmp_path, FULL), "candidate", ENVIRON)
    for text in (repr(target), str(target), repr(target.credentials), f"{target.credentials['default'].key}"):
        assert "secret" not in text
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(target.credentials["default"].key)


def test_options_describe_a_target() -> None:
    target = target_from_options("someone", "https://gateway.example/", ["default=MY_KEY", "second_account=OTHER"], {"MY_KEY": "a", "OTHER": "b"})
    assert (target.name, target.base_url) == ("someone", "https://gateway.example")
    assert target.credentials["second_account"].key.reveal() == "b"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["sk-pasted-key"], "--credential: write NAME=ENVVAR"),
        (["default=sk-pasted-key"], "looks like a key"),
        (["default=AKIAPASTEDKEY0123456789"], "looks like a key"),
        (["default=NOT_SET"], "environment variable NOT_SET is not set"),
    ],
)
def test_bad_options(options: list[str], said: str) -> None:
    with pytest.raises(TargetError, match=said) as raised:
        target_from_options("someone", "https://gateway.example", options, {})
    assert "asted" not in str(raised.value).replace("pasted into", "")
    assert "PASTED" not in str(raised.value)


def test_a_mapping_holds_the_keys_themselves() -> None:
    target = target_from_mapping("reference", {"provider": "someone", "base_url": "http://127.0.0.1:5", "credentials": {"default": "the key"}})
    assert target.credentials["default"].key.reveal() == "the key"
    assert target.credentials["default"].placeholder == "$PROOFSHEET_DEFAULT_KEY"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('provider = "x"\nbase_url "http://a"', "is not valid TOML"),
        ("", "lacks 'targets'"),
        ("targets = 3", "targets must be a table with one entry"),
        ("[target.candidate]\n", "unknown key 'target' (did you mean 'targets'?)"),
        ('[targets.other]\nprovider = "x"\nbase_url = "http://a"', "no target 'candidate'; the targets there are other"),
        ('[targets.candidat]\nprovider = "x"\nbase_url = "http://a"', "no target 'candidate' (did you mean 'candidat'?)"),
        ('[targets.candidate]\nprovider = "x"\nbase_ulr = "http://a"', "unknown key 'base_ulr' (did you mean 'base_url'?)"),
        ('[targets.candidate]\nbase_url = "http://a"', "targets.candidate lacks 'provider'"),
        ('[targets.candidate]\nprovider = "x"', "targets.candidate lacks 'base_url': a URL"),
        (SMALL + 'paid = "no"', "targets.candidate.paid must be true or false"),
        (SMALL + "request_timeout = 0", "request_timeout must be a number of seconds above 0"),
        (SMALL + "request_timeout = nan", "targets.candidate.request_timeout must be a finite number"),
        (SMALL + "request_timeout = inf", "request_timeout must be a number of seconds"),
        (SMALL + 'key_mode = "both"', 'key_mode must be "own" or "passthrough"'),
        (SMALL + 'asset_hosts = ["https://cdn.example/a"]', "asset_hosts.0 must be a host name, without scheme"),
        (SMALL + 'headers = { Authorization = "Bearer sk-a-pasted-key" }', "a key does not belong in 'Authorization'"),
        (SMALL + 'headers = { "X-Api-Key" = "sk-a-pasted-key" }', "a key does not belong in 'X-Api-Key'"),
        (SMALL + 'headers = { "bad name" = "x" }', "a name there is not allowed; write a header name"),
        (SMALL + 'headers = { "X-A" = "one\\ntwo" }', "headers.X-A must be a header's value"),
        (SMALL + '[targets.candidate.credentials]\ndefault = "sk-a-pasted-key"', "credentials.default: this looks like a key"),
        (SMALL + '[targets.candidate.credentials]\ndefault = "A1B2C3D4E5F6A1B2C3D4E5F6"', "credentials.default: this looks like a key"),
        (SMALL + '[targets.candidate.credentials]\ndefault = "MY_KEY"', "the environment variable MY_KEY is not set"),
        (SMALL + "[targets.candidate.credentials]\ndefault = 3", "credentials.default must be the name of an environment variable"),
        (SMALL + "[targets.candidate.states.sync_timeout]\n", "states.sync_timeout must be a table of at least one of"),
        (SMALL + '[targets.candidate.states.x]\ncredental = "default"', "unknown key 'credental' (did you mean 'credential'?)"),
        (SMALL + '[targets.candidate.states.x]\ncredential = "broke"', "credential names 'broke', which is not among"),
        (SMALL + "[targets.candidate.price]\nusd_per_unit = 0.01", "usd_per_unit must be an amount in quotes"),
        (SMALL + '[targets.candidate.balance]\nurl = "/b"', "targets.candidate.balance lacks 'pointer'"),
        (SMALL + "[targets.candidate.pace]\nmax_concurrency = 0", "max_concurrency must be a whole number"),
        (SMALL + "[targets.candidate.pace]\npoll_evry = 1", "unknown key 'poll_evry' (did you mean 'poll_every'?)"),
        ('[targets."a/b"]\nprovider = "x"\nbase_url = "http://a"\n' + SMALL, "a name there is not allowed; write a target's name"),
    ],
)
def test_each_mistake_is_one_line_that_says_what_to_change(tmp_path: Path, text: str, said: str) -> None:
    message = problem(tmp_path, text)
    assert said in message
    assert "pasted-key" not in message
    assert "A1B2C3" not in message


@pytest.mark.parametrize(
    "url",
    [
        "gateway.example",
        "ftp://gateway.example",
        "http://",
        "http://a:99999",
        "http://user:sk-hidden@gateway.example",
        "https://gateway.example?key=1",
        "http://a b/",
        "https://a/#x",
        "http://a:0",
    ],
)
def test_a_base_url_that_cannot_be_used(tmp_path: Path, url: str) -> None:
    message = problem(tmp_path, f'[targets.candidate]\nprovider = "x"\nbase_url = "{url}"')
    assert "base_url" in message
    assert "sk-hidden" not in message


def test_toml_errors_name_the_line(tmp_path: Path) -> None:
    assert "line 3" in problem(tmp_path, '[targets.candidate]\nprovider = "x"\nbase_url = \n')


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="there is no such file"):
        load_target(tmp_path / "missing.toml", "candidate", {})
    with pytest.raises(TargetError, match="cannot be read"):
        load_target(tmp_path, "candidate", {})
    (tmp_path / "latin.toml").write_bytes(b"# \xff\n")
    with pytest.raises(TargetError, match="UTF-8"):
        load_target(tmp_path / "latin.toml", "candidate", {})


@pytest.mark.parametrize("key", ["sk-with\nline", " sk-space", "sk-\u00e9"])
def test_a_key_that_no_header_can_carry(tmp_path: Path, key: str) -> None:
    message = problem(tmp_path, SMALL + '[targets.candidate.credentials]\ndefault = "MY_KEY"', environ={"MY_KEY": key})
    assert "the key in MY_KEY has spaces" in message
    assert key not in message
