"""An answer before it is bytes, so that it can still be looked at and changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from proofsheet.contract.requests import ABSENT
from proofsheet.reference.templates import look_up, render
from proofsheet.reference.wording import AnswerTemplate


@dataclass(slots=True)
class Reply:
    """An answer whose ``json`` is encoded last; ``body`` counts where there is none.

    ``refusal`` says why the request was refused, ``said`` what its template was told of it, ``moment`` which answer it is.
    ``age`` is for how many seconds a file has been there.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = ABSENT
    body: bytes = b""
    media_type: str | None = None
    refusal: Any = None
    said: Mapping[str, Any] = field(default_factory=dict)
    moment: str = "refused"
    age: float = 0.0

    def response(self, head: bool = False) -> Response:
        """As starlette sends it."""
        body = self.body if self.json is ABSENT else json.dumps(self.json, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
        headers = dict(self.headers)
        if self.media_type is not None:
            headers["Content-Type"] = self.media_type
        if head:
            headers["Content-Length"] = str(len(body))
        return Response(b"" if head else body, self.status, headers)


def reply_from(template: AnswerTemplate, names: Mapping[str, Any], status: int | None = None) -> Reply:
    """Fill a template in. A body that is the image takes the first image's bytes and media type."""
    names = {"image": next(iter(names.get("images") or ()), None), **names}
    reply = Reply(status or template.status, {name: str(render(value, names)) for name, value in template.headers.items()})
    if template.has_json:
        reply.json, reply.media_type = render(template.json, names), template.media_type or "application/json"
    elif template.text is not None:
        text = render(template.text, names)
        reply.body, reply.media_type = b"" if text is None else str(text).encode("utf-8"), template.media_type or "text/plain; charset=utf-8"
    elif template.image:
        images = look_up(names, "images")
        if images:
            reply.body, reply.media_type = images[0].content, template.media_type or images[0].media_type
    return reply
