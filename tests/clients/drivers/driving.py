"""Runs a driver as the harness does: a process of its own, jobs in, replies out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.clients.drivers.server import PLAIN

import proofsheet.clients.drivers

FOLDER = Path(proofsheet.clients.drivers.__file__).parent
PYTHON = (sys.executable, str(FOLDER / "python_sdks.py"))
NODE = ("node", str(FOLDER / "driver.mjs"))
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")

IMAGES = [
    pytest.param("openai-python", marks=pytest.mark.sdks),
    pytest.param("openai-node", marks=pytest.mark.node),
    pytest.param("ai-node", marks=pytest.mark.node),
]
CONTENT = [pytest.param("google-genai-python", marks=pytest.mark.sdks), pytest.param("google-genai-node", marks=pytest.mark.node)]

FILES = [{"field": "image", "name": f"{name}.png", "media_type": "image/png", "base64": PLAIN} for name in "abc"]
BODY = {"prompt": "a cube", "size": "16:9", "n": 1, "output_format": "png", "resolution": "2K"}
CONTENTS = {
    "contents": [{"role": "user", "parts": [{"text": "a cube"}, {"inlineData": {"mimeType": "image/png", "data": PLAIN}}]}],
    "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "1:1", "imageSize": "1K"}},
}


def call_of(sdk: str) -> str:
    return "generate_content" if sdk.startswith("google") else "images.generate"


def job(sdk: str, base_url: str, id: str = "1", **more: Any) -> dict[str, Any]:
    """A job with all that the protocol names."""
    body = CONTENTS if sdk.startswith("google") else BODY
    given = {"api_version": None, "key": "stand-in", "retries": 0, "timeout": 30, "model": "some/model", "headers": {}, "body": body, "files": []}
    return {"id": id, "sdk": sdk, "call": call_of(sdk), "base_url": base_url, **given, **more}


def driven(command: Iterable[str], lines: Iterable[str], **environment: str) -> dict[str, dict[str, Any]]:
    """The replies by id, from one process."""
    known = {name: os.environ[name] for name in KEPT if name in os.environ}
    run = subprocess.run(list(command), input="".join(f"{line}\n" for line in lines), capture_output=True, text=True, timeout=120, check=False, env={**known, **environment})
    assert run.returncode == 0, run.stderr
    return {reply["id"]: reply for reply in map(json.loads, run.stdout.splitlines())}


class Drive:
    """Jobs to the driver of their SDK."""

    def __init__(self, node_folder: Any) -> None:
        self.node_folder = node_folder

    def __call__(self, *jobs: dict[str, Any]) -> dict[str, dict[str, Any]]:
        lines = [json.dumps(each) for each in jobs]
        if jobs[0]["sdk"].endswith("python"):
            return driven(PYTHON, lines)
        return driven(NODE, lines, PROOFSHEET_NODE=str(self.node_folder()))

    def one(self, each: dict[str, Any]) -> dict[str, Any]:
        return self(each)[each["id"]]
