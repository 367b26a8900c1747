"""What the default selection leaves out is named, with its command; ``-m`` brings it back."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CONFTEST = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8")
TESTS = """
    import pytest

    def test_plain(): pass
    @pytest.mark.curl
    def test_with_curl(): pass
    @pytest.mark.curl
    def test_with_curl_too(): pass
    @pytest.mark.gateway
    def test_with_a_gateway(): pass
"""


@pytest.fixture
def inner(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST)
    pytester.makeini("[pytest]\nmarkers =\n  curl: x\n  gateway: x\n  browser: x\n  sdks: x\n  node: x\n")
    pytester.makepyfile(TESTS)
    return pytester


def test_selections_are_left_out_and_named(inner: pytest.Pytester) -> None:
    result = inner.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=1, deselected=3)
    result.stdout.fnmatch_lines([
        "*left out*",
        "2 tests that need curl: python -m pytest -m curl",
        "1 test that needs a third-party gateway, and a package index to install it from: python -m pytest -m gateway",
    ])
    assert "browser" not in result.stdout.str()


def test_they_are_named_where_several_processes_run_the_tests(inner: pytest.Pytester) -> None:
    result = inner.runpytest_subprocess("-p", "no:randomly", "-n", "2")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*left out*", "2 tests that need curl: python -m pytest -m curl"])


def test_a_selection_runs_when_asked_for(inner: pytest.Pytester) -> None:
    result = inner.runpytest("-m", "curl")
    result.assert_outcomes(passed=2, deselected=2)
    assert "left out" not in result.stdout.str()


def test_nothing_is_said_where_nothing_was_left_out(inner: pytest.Pytester) -> None:
    result = inner.runpytest("-k", "plain", "-m", "not curl and not gateway")
    result.assert_outcomes(passed=1, deselected=3)
    assert "left out" not in result.stdout.str()


def test_every_selection_is_a_marker_with_what_it_needs(pytestconfig: pytest.Config) -> None:
    markers = {line.partition(":")[0] for line in pytestconfig.getini("markers")}
    assert {"curl", "gateway", "browser", "sdks", "node"} <= markers
