"""What was found right is not gone through again; what was not, always is."""

import json

import pytest

from proofsheet.contract import files, openapi
from proofsheet.contract.accepted import _LONGEST, VARIABLE, Accepted, _accepted, cache_folder
from proofsheet.contract.errors import ContractError

SCHEMA = "preset.schema.json"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    place = tmp_path / "cache"
    monkeypatch.setenv(VARIABLE, str(place))
    _accepted.cache_clear()
    yield place
    _accepted.cache_clear()


@pytest.fixture
def preset():
    path = files.specs_root() / "presets" / "flash-image-2.5.yaml"
    return files.read_document(path)


def test_a_document_that_fits_is_remembered_by_the_next_process(cache, preset, monkeypatch):
    files.checked(preset, SCHEMA, "here")
    _accepted.cache_clear()
    monkeypatch.setattr(files, "shipped_validator", lambda name: pytest.fail("it was gone through again"))
    assert files.checked(preset, SCHEMA, "here") == preset


@pytest.mark.parametrize("times", [1, 2])
def test_one_that_does_not_fit_is_refused_each_time(cache, preset, times):
    for _ in range(times):
        with pytest.raises(ContractError):
            files.checked({**preset, "unheard-of": 1}, SCHEMA, "here")
        _accepted.cache_clear()
    assert not cache.exists()


def test_a_change_is_gone_through(cache, preset):
    files.checked(preset, SCHEMA, "here")
    _accepted.cache_clear()
    with pytest.raises(ContractError):
        files.checked({**preset, "unheard-of": 1}, SCHEMA, "here")


def test_true_is_not_taken_for_one(cache):
    known = Accepted(cache)
    known.add("schema", json.dumps({"n": 1}))
    again = Accepted(cache)
    assert again.knows("schema", json.dumps({"n": 1}))
    assert not again.knows("schema", json.dumps({"n": True}))
    assert not again.knows("other schema", json.dumps({"n": 1}))


def test_what_json_cannot_tell_apart_is_never_remembered(cache, monkeypatch):
    monkeypatch.setattr(files, "shipped_validator", lambda name: type("Any", (), {"iter_errors": lambda self, document: iter(())})())
    files.checked({1: "a number as a key"}, SCHEMA, "here")
    assert not cache.exists()


def test_a_schema_that_is_none_is_said_so_each_time(cache):
    openapi._canonical_problem.cache_clear()
    for _ in range(2):
        assert "at " in str(openapi.schema_problem({"type": "no type"}))
        openapi._canonical_problem.cache_clear()
    assert openapi.schema_problem({"type": "string"}) is None
    assert Accepted(cache).knows(openapi._META_NAME, json.dumps({"type": "string"}))


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"", b"not a digest\n"])
def test_a_damaged_file_is_as_good_as_none(cache, damage):
    cache.mkdir()
    (cache / "accepted").write_bytes(damage)
    known = Accepted(cache)
    assert not known.knows("schema", "document")
    known.add("schema", "document")


def test_a_folder_that_cannot_be_written_is_as_good_as_none(cache):
    cache.write_text("a file stands there")
    known = Accepted(cache)
    known.add("schema", "document")
    assert not known.knows("schema", "document")


def test_an_endless_file_is_begun_anew(cache):
    cache.mkdir()
    (cache / "accepted").write_text("x" * (_LONGEST + 1))
    Accepted(cache).add("schema", "document")
    assert (cache / "accepted").stat().st_size < 100
    assert Accepted(cache).knows("schema", "document")


def test_a_file_of_the_greatest_length_is_gone_on_with(cache):
    cache.mkdir()
    (cache / "accepted").write_text("x" * (_LONGEST - 1) + "\n")
    Accepted(cache).add("schema", "document")
    assert (cache / "accepted").stat().st_size == _LONGEST + 65


def test_nothing_is_kept_where_nothing_is_to_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Accepted(None).add("schema", "document")
    assert not Accepted(None).knows("schema", "document")
    assert not list(tmp_path.iterdir())


def test_the_folder(monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    assert cache_folder() is None
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert str(cache_folder()) == "/somewhere/proofsheet"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert cache_folder() is None
