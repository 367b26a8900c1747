"""Calls the Python SDKs as their users do: a job a line on stdin, a reply a line on stdout, both JSON, in any order.

It imports nothing of the harness and an SDK only with its first job, so that it starts fast and runs wherever the SDKs
are. Jobs run at once, each with a client of its own; it ends when stdin has ended and the last job is answered.
"""

from __future__ import annotations

import base64
import importlib
import importlib.metadata
import inspect
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO, TypeVar

T = TypeVar("T")
LONGEST = 2000
BLANK: Mapping[str, Any] = {"returned": False, "images": [], "text": "", "nothing": None, "raised": None, "problem": None}
#: Arguments of every call of the openai SDK that no documented body names.
NOT_BODY = frozenset({"self", "extra_headers", "extra_query", "extra_body", "timeout"})


class JobProblem(Exception):
    """The job cannot be done as it stands; the message says why."""


@dataclass(frozen=True)
class Upload:
    """A file of a job."""

    field: str
    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class Job:
    """What one call needs. ``retries`` and ``timeout`` of None leave the SDK its own."""

    base_url: str
    api_version: str | None
    key: str
    retries: int | None
    timeout: float | None
    model: str | None
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    files: tuple[Upload, ...]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Job:
        """Read a job. Raises JobProblem."""
        try:
            files = tuple(Upload(each["field"], each["name"], base64.b64decode(each["base64"]), each["media_type"]) for each in raw.get("files") or ())
            body = dict(raw.get("body") or {})
            optional = (raw.get("api_version"), raw["key"], raw.get("retries"), raw.get("timeout"), raw.get("model") or body.get("model"))
            return cls(raw["base_url"], *optional, dict(raw.get("headers") or {}), body, files)
        except (KeyError, TypeError, ValueError) as error:
            raise JobProblem(f"the job is not complete: {type(error).__name__} {error}") from None


@dataclass(frozen=True)
class Call:
    """``ask`` is the user's call, whose exceptions are the SDK's; ``read`` is what a user finds in what it hands over."""

    ask: Callable[[Job], Any]
    read: Callable[[Any], dict[str, Any]]


def main() -> int:
    """Answer until stdin ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no reply
    lock = threading.Lock()
    threads = [_started(line, replies, lock) for line in sys.stdin if line.strip()]
    for thread in threads:
        thread.join()
    return 0


def _started(line: str, replies: TextIO, lock: threading.Lock) -> threading.Thread:
    def run() -> None:
        text = json.dumps(answered(line))
        with lock:
            replies.write(f"{text}\n")
            replies.flush()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def answered(line: str) -> dict[str, Any]:
    """The reply to one line, whatever it holds."""
    try:
        raw = json.loads(line)
    except ValueError as error:
        return {"id": None, "version": None, **BLANK, "problem": f"the line is no JSON: {error}"}
    if not isinstance(raw, dict):
        return {"id": None, "version": None, **BLANK, "problem": "the line is no JSON object"}
    reply = {"id": raw.get("id"), "version": None, **BLANK}
    try:
        return {**reply, **_done(raw)}
    except JobProblem as error:
        return {**reply, "problem": str(error)[:LONGEST]}
    except Exception as error:  # noqa: BLE001 - one job's crash must not be the others'
        return {**reply, "problem": f"the driver failed: {type(error).__name__}: {error}"[:LONGEST]}


def _done(raw: Mapping[str, Any]) -> dict[str, Any]:
    package, calls = _found(SDKS, raw.get("sdk"), "SDK")
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return {"problem": f"the package {package} is not installed: pip install {package}"}
    if raw.get("call") == "version":
        return {"version": version}
    try:
        call, job = _found(calls, raw.get("call"), "call"), Job.of(raw)
        return {"version": version, **_called(call, job)}
    except JobProblem as error:
        return {"version": version, "problem": str(error)[:LONGEST]}


def _found(known: Mapping[str, T], name: Any, kind: str) -> T:
    if not isinstance(name, str) or name not in known:
        raise JobProblem(f"no {kind} '{name}' here (there are: {', '.join(known)})")
    return known[name]


def _called(call: Call, job: Job) -> dict[str, Any]:
    try:
        answer = call.ask(job)
    except JobProblem:
        raise
    except Exception as error:  # noqa: BLE001 - what an SDK raises is what is asked for
        return {"raised": raised(error)}
    return {"returned": True, **call.read(answer)}


def raised(error: Exception) -> dict[str, Any]:
    """An exception as its user sees it; of what stands behind it, the classes are in the message."""
    status, code = getattr(error, "status_code", None), getattr(error, "code", None)
    if status is None and isinstance(code, int):  # one SDK keeps the HTTP status in ``code``, and the API's word in ``status``
        status, code = code, getattr(error, "status", None)
    message, cause = str(error), error.__cause__
    while cause is not None:
        message, cause = f"{message} (from {type(cause).__name__}: {cause})", cause.__cause__
    classes = [each.__name__ for each in type(error).__mro__ if each is not object]
    return {"class": classes[0], "classes": classes, "status": status, "code": None if code is None else str(code), "message": message[:LONGEST]}


# --- openai


def generate(job: Job) -> Any:
    """images.generate, with what it knows as arguments and the rest in extra_body."""
    with _openai(job) as client:
        return client.images.generate(**_arguments(client.images.generate, job), extra_headers=job.headers)


def edit(job: Job) -> Any:
    """images.edit: one file as it is, several as a list."""
    if not job.files:
        raise JobProblem("images.edit uploads files and the job has none: pictures in a JSON body are not what this SDK sends")
    with _openai(job) as client:
        arguments = _arguments(client.images.edit, job)
        known = inspect.signature(client.images.edit).parameters
        for field in dict.fromkeys(each.field.removesuffix("[]") for each in job.files):
            if field not in known:
                raise JobProblem(f"images.edit has no file '{field}'")
            files = [(each.name, each.content, each.media_type) for each in job.files if each.field.removesuffix("[]") == field]
            arguments[field] = files[0] if len(files) == 1 else files
        return client.images.edit(**arguments, extra_headers=job.headers)


def _openai(job: Job) -> Any:
    options: dict[str, Any] = {"base_url": job.base_url, "api_key": job.key}
    if job.retries is not None:
        options["max_retries"] = job.retries
    if job.timeout is not None:
        options["timeout"] = job.timeout
    return importlib.import_module("openai").OpenAI(**options)


def _arguments(method: Callable[..., Any], job: Job) -> dict[str, Any]:
    known = inspect.signature(method).parameters.keys() - NOT_BODY
    fields = dict(job.body) if job.model is None else {**job.body, "model": job.model}
    arguments = {name: value for name, value in fields.items() if name in known}
    extra = {name: value for name, value in fields.items() if name not in known}
    return {**arguments, "extra_body": extra} if extra else arguments


def read_images(answer: Any) -> dict[str, Any]:
    """The pictures of an images answer; a body that is no JSON is handed over as a str."""
    if isinstance(answer, str):
        return {"text": answer[:LONGEST], "nothing": "the call handed over a str and no answer with data"}
    data = answer.data
    if not isinstance(data, list) or not data:
        return {"nothing": "data is None" if data is None else "data is empty" if not data else f"data is a {type(data).__name__} and no list"}
    images = [(getattr(each, "b64_json", None), getattr(each, "url", None)) for each in data]
    lacking = [position for position, (inline, url) in enumerate(images) if not inline and not url]
    nothing = f"b64_json and url are None in data[{lacking[0]}]" if lacking else None
    found = [{"base64": inline, "media_type": None} if inline else {"url": url} for inline, url in images if inline or url]
    return {"images": found, "nothing": nothing}


# --- google-genai


def generate_content(job: Job) -> Any:
    """models.generate_content, with contents and config of the SDK's own types."""
    genai, types = importlib.import_module("google.genai"), importlib.import_module("google.genai.types")
    options: dict[str, Any] = {"base_url": job.base_url, "headers": dict(job.headers)}
    options |= {} if job.api_version is None else {"api_version": job.api_version}
    options |= {} if job.timeout is None else {"timeout": round(job.timeout * 1000)}
    options |= {} if job.retries is None else {"retry_options": types.HttpRetryOptions(attempts=job.retries + 1)}
    contents = job.body.get("contents")
    if isinstance(contents, list):
        # From JSON, so that the SDK has the picture's bytes and writes its own base64, as it does with a user's bytes.
        contents = [types.Content.model_validate_json(json.dumps(each)) if isinstance(each, dict) else each for each in contents]
    client = genai.Client(api_key=job.key, http_options=types.HttpOptions(**options))
    try:
        return client.models.generate_content(model=job.model, contents=contents, config=_config(job.body, types))
    finally:
        client.close()


def _config(body: Mapping[str, Any], types: Any) -> Any:
    """The rest of the body as the SDK's config; fields that it has no name for go where it takes extra ones."""
    known = {name for key, field in types.GenerateContentConfig.model_fields.items() for name in (key, field.alias)}
    generation = body.get("generationConfig") or {}
    rest = {key: value for key, value in body.items() if key not in {"contents", "generationConfig", "model"}}
    settings = {key: value for key, value in {**rest, **generation}.items() if key in known}
    config = types.GenerateContentConfig.model_validate_json(json.dumps(settings))
    extra = {key: value for key, value in rest.items() if key not in known}
    lost = {key: value for key, value in generation.items() if key not in known}
    extra |= {"generationConfig": lost} if lost else {}
    if extra:
        config.http_options = types.HttpOptions(extra_body=extra)
    return config


def read_content(answer: Any) -> dict[str, Any]:
    """The pictures and the words of a content answer, without the model's thoughts."""
    if not answer.candidates:
        blocked = getattr(answer.prompt_feedback, "block_reason", None)
        words = "candidates is None" if answer.candidates is None else "candidates is empty"
        return {"nothing": words if blocked is None else f"{words}, block_reason is {getattr(blocked, 'value', blocked)}"}
    parts = [part for candidate in answer.candidates for part in _parts(candidate)]
    shown = [part for part in parts if not part.thought]
    images = list(_images(shown))
    text = "".join(part.text for part in shown if part.text)[:LONGEST]
    return {"images": images, "text": text, "nothing": None if images else _why_none(answer.candidates[0], shown)}


def _parts(candidate: Any) -> Iterable[Any]:
    return (candidate.content.parts if candidate.content is not None else None) or ()


def _images(parts: Iterable[Any]) -> Iterable[dict[str, Any]]:
    for part in parts:
        if part.inline_data is not None and part.inline_data.data:
            yield {"base64": base64.b64encode(part.inline_data.data).decode("ascii"), "media_type": part.inline_data.mime_type}
        elif part.file_data is not None and part.file_data.file_uri:
            yield {"url": part.file_data.file_uri}


def _why_none(candidate: Any, shown: Iterable[Any]) -> str:
    if candidate.content is None:
        words = "candidates[0].content is None"
    elif not candidate.content.parts:
        words = "candidates[0].content.parts is None" if candidate.content.parts is None else "candidates[0].content.parts is empty"
    else:
        words = "inline_data is None in all parts" if list(shown) else "all parts are thoughts"
    reason = getattr(candidate.finish_reason, "value", candidate.finish_reason)
    return words if reason is None else f"{words}, finish_reason is {reason}"


#: The package and the calls of each SDK.
SDKS: Mapping[str, tuple[str, Mapping[str, Call]]] = {
    "openai-python": ("openai", {"images.generate": Call(generate, read_images), "images.edit": Call(edit, read_images)}),
    "google-genai-python": ("google-genai", {"generate_content": Call(generate_content, read_content)}),
}

if __name__ == "__main__":
    sys.exit(main())
