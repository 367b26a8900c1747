"""A curl line says what was sent, and a shell reads it so."""

from __future__ import annotations

import base64
import json
import shlex

import pytest

from proofsheet.exchange.model import Sent
from proofsheet.report.curl import curl_line, quoted

URL = "http://127.0.0.1:9301/v1/draw"


def words(line: str) -> list[str]:
    """The words as a POSIX shell reads them, comments left out; variables stay as they stand."""
    return shlex.split(line, comments=True)


def test_a_json_request_with_its_key_as_a_variable() -> None:
    sent = Sent("POST", URL, {"Authorization": "Bearer $CANDIDATE_KEY", "Content-Type": "application/json", "Content-Length": "17", "Host": "h"}, b'{"prompt":"it\'s"}')
    assert curl_line(sent) == (
        f"curl -sS -i {URL} -H \"Authorization: Bearer $CANDIDATE_KEY\" -H 'Content-Type: application/json' --data-raw '{{\"prompt\":\"it'\\''s\"}}'"
    )
    assert words(curl_line(sent))[-1] == '{"prompt":"it\'s"}'


def test_methods_without_a_body() -> None:
    assert curl_line(Sent("GET", URL + "?a=1&b=2", {})) == f"curl -sS -i '{URL}?a=1&b=2'"
    assert curl_line(Sent("DELETE", URL, {})) == f"curl -sS -i -X DELETE {URL}"
    assert curl_line(Sent("POST", URL, {})) == f"curl -sS -i -X POST {URL}"
    assert curl_line(Sent("PUT", URL, {"Content-Type": "text/plain"}, b"x")).endswith(f"-X PUT {URL} -H 'Content-Type: text/plain' --data-raw x")


def test_a_key_in_the_query_is_a_variable_and_nothing_else_in_a_url_is() -> None:
    assert curl_line(Sent("GET", URL + "?key=$MY_KEY&x=1", {})) == f'curl -sS -i "{URL}?key=$MY_KEY&x=1"'
    assert curl_line(Sent("GET", "http://h/$MY_KEY/$(id)`id`?a=$(id)", {})) == "curl -sS -i 'http://h/$MY_KEY/$(id)`id`?a=$(id)'"
    assert curl_line(Sent("GET", "http://h/$(id)?key=$MY_KEY", {})) == "curl -sS -i 'http://h/$(id)?key='\"$MY_KEY\""


@pytest.mark.parametrize("value", ["$(touch /tmp/x)", "`id`", 'a"b', "a\\b", "hey!", "$ 5", "it's"])
def test_header_values_cannot_run_anything(value: str) -> None:
    line = curl_line(Sent("GET", URL, {"X-Said": value, "X-Both": f"{value} $KEY"}))
    assert words(line)[4:] == ["-H", f"X-Said: {value}", "-H", f"X-Both: {value} $KEY"]
    assert '$KEY"' in line


def test_an_empty_header_is_sent_as_one() -> None:
    assert "-H 'X-Empty;'" in curl_line(Sent("GET", URL, {"X-Empty": ""}))


def test_a_body_without_a_content_type_gets_none_from_curl() -> None:
    assert curl_line(Sent("POST", URL, {}, b"{}")) == f"curl -sS -i {URL} -H Content-Type: --data-raw '{{}}'"
    assert "-H 'Content-Type: application/json'" in curl_line(Sent("POST", URL, {}, b"{}", "application/json"))


def test_control_characters_are_spelled_out() -> None:
    line = curl_line(Sent("POST", URL, {"Content-Type": "text/plain"}, "a\n\t\x1b[31m'\\ \u202eé".encode()))
    assert line.isprintable()
    assert line.endswith("--data-raw $'a\\n\\t\\x1b[31m\\'\\\\ \\U0000202eé'")
    assert quoted("") == "''"


def test_long_base64_is_cut_with_a_note() -> None:
    picture = base64.b64encode(bytes(range(256)) * 40).decode()
    line = curl_line(Sent("POST", URL, {"Content-Type": "application/json"}, json.dumps({"image": f"data:image/png;base64,{picture}", "n": 1}).encode()))
    assert len(line) < 400
    assert json.loads(words(line)[-1])["image"] == f"data:image/png;base64,{picture[:48]}..."
    assert line.endswith("  # base64 was cut at '...': put a whole picture there")


@pytest.mark.parametrize("body", [b"\xff\xfe\x00binary", b"a\0b", b'"' + b"long words " * 2000 + b'"'])
def test_what_no_command_line_can_hold_goes_into_a_file(body: bytes) -> None:
    line = curl_line(Sent("POST", URL, {"Content-Type": "application/octet-stream"}, body))
    assert line.endswith(f"--data-binary @body.bin  # put the body of {len(body)} bytes into body.bin first")


def test_multipart_becomes_fields_and_files() -> None:
    body = (
        b'--b0\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nit\'s a cat\r\n'
        b'--b0\r\nContent-Disposition: form-data; name="odd"\r\n\r\n@etc;type=x\r\n'
        b'--b0\r\nContent-Disposition: form-data; name="image[]"; filename="ref.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\x00\xff\r\n--b0--\r\n'
    )
    line = curl_line(Sent("POST", URL, {"Content-Type": "multipart/form-data; boundary=b0", "X-Key": "$KEY"}, body, "multipart/form-data"))
    assert words(line)[4:] == ["-H", "X-Key: $KEY", "-F", "prompt=it's a cat", "--form-string", "odd=@etc;type=x", "-F", "image[]=@ref.png;type=image/png"]
    assert "Content-Type: multipart" not in line
    assert line.endswith("# name your own files after '@'")


def test_a_broken_multipart_body_is_said_to_be_one() -> None:
    line = curl_line(Sent("POST", URL, {"Content-Type": "multipart/form-data"}, b"--b0 nothing"))
    assert "--data-binary @body.bin" in line and "could not be taken apart" in line
    assert "-H 'Content-Type: multipart/form-data'" in line
