"""The model itself: from a request to an answer, rightly or as the prompt's marker says."""

from __future__ import annotations

import asyncio
import io
import itertools
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, PngImagePlugin

from proofsheet.contract.marks import NUMBERS, digests, draw_mark
from proofsheet.contract.pictures import SIMULATED_MARK
from proofsheet.contract.relay import MARKER
from proofsheet.contract.tables import Cell
from proofsheet.exchange.model import Drawn, UpstreamCall
from proofsheet.loopback import Heard, Said
from proofsheet.upstream.asking import Asking, asking, decoded, key_of
from proofsheet.upstream.journal import Journal
from proofsheet.upstream.shapes import Behaviour, Shape
from proofsheet.upstream.wording import Made, worded

_SIZE = re.compile(r"([1-9][0-9]{1,4})x([1-9][0-9]{1,4})")
_LONGEST_SIDE = 8192
_FORMATS = ("png", "jpeg", "webp")
#: Image tokens of a picture whose size no table has.
_USUAL_TOKENS = 1120


class Refused(Exception):
    """The model refuses a request; a status and a sentence."""


@dataclass(frozen=True)
class Upstream:
    """Answers for all shapes. ``address`` and ``key`` are what a gateway is configured with."""

    shapes: Sequence[Shape]
    journal: Journal
    address: str
    key: str

    def __post_init__(self) -> None:
        # Where the numbers begin differs from run to run: a picture that was kept from another run is known for one.
        object.__setattr__(self, "_marks", itertools.count(secrets.randbelow(NUMBERS)))

    async def answer(self, heard: Heard) -> tuple[Said, Callable[[], None]]:
        """The answer to one request, and what to call when it is out."""
        shape, model = self._shape(heard.path)
        if shape is None:
            return Said(404, b'{"error": {"message": "there is nothing here"}}'), lambda: None
        body = await decoded(heard)
        wanted = asking(shape, heard, body)
        texts = (heard.body.decode("utf-8", "replace"), heard.target, *heard.headers.values())
        found = MARKER.search(wanted.prompt or "") or MARKER.search(texts[0])
        owner = self.journal.owner(key_of(shape, heard), self.key)
        known = tuple([await asyncio.to_thread(digests, content) for content in wanted.references])
        call = UpstreamCall(0, shape.name, 0.0, wanted.values, wanted.prompt, known, owner, self.journal.leaked(*texts))
        token = found[1] if found else None
        number = self.journal.begin(token, call)
        fault = found[2] if found else None
        behaviour = shape.faults.get(fault or "")
        if behaviour is not None and behaviour.times is not None and self.journal.attempt(token) > behaviour.times:
            behaviour = None
        try:
            self._admit(owner, known, shape.most_references)
            said, drawn = await self._made(shape, wanted, body.problem, behaviour, model)
            outcome = str(fault) if behaviour is not None else "served"
        except Refused as refusal:
            status, message = refusal.args
            said, outcome, drawn = worded(shape, Behaviour(status=status, message=message), Made(), self._names()), "refused", ()
        self.journal.settle(number, outcome, None if said.drop else said.status, drawn)
        return said, lambda: self.journal.end(number)

    def _shape(self, path: str) -> tuple[Shape | None, str]:
        for shape in self.shapes:
            for pattern in shape.paths:
                match = pattern.search(path)
                if match is not None:
                    return shape, match.groupdict().get("model", "")
        return None, ""

    def _admit(self, owner: str, references: Sequence[tuple[str, str]], most: int) -> None:
        if owner == "none":
            raise Refused(401, "no API key was sent")
        if owner != "upstream" and not (self.journal.passthrough and owner == "client"):
            raise Refused(401, "the API key is not valid")
        if len(references) > most:
            raise Refused(400, f"more than {most} reference images")
        if any(by_bytes == by_pixels for by_bytes, by_pixels in references):
            raise Refused(400, "a reference image cannot be decoded")

    async def _made(self, shape: Shape, wanted: Asking, problem: str | None, behaviour: Behaviour | None, model: str) -> tuple[Said, tuple[Drawn, ...]]:
        """The answer with its pictures, told rightly or as the fault says; and those pictures that are sent whole."""
        if problem is not None or wanted.strange is not None or not wanted.prompt:
            raise Refused(400, problem or wanted.strange or "there is no prompt")
        cell, count = wanted_cell(shape, wanted.values, model), _count(shape, wanted.values)
        how = behaviour or Behaviour()
        kind = how.format or str(wanted.values.get("format", shape.format))
        if kind not in _FORMATS:
            raise Refused(400, f"the format {kind} is not supported")
        drawn = tuple(Drawn(self._number(), cell.width, cell.height) for _ in range(count))
        extra = [Drawn(self._number(), cell.width, cell.height)] if how.interim else []
        contents = [await asyncio.to_thread(encoded, one, kind) for one in (*drawn, *extra)]
        made = Made(tuple(contents[:count]), f"image/{kind}", contents[count] if extra else b"", (cell.tokens or 0) * count, model)
        return worded(shape, how, made, self._names()), drawn if how.delivers else ()

    def _number(self) -> int:
        marks: itertools.count[int] = self._marks  # type: ignore[attr-defined]
        return next(marks) % NUMBERS

    def _names(self) -> dict[str, Any]:
        return {"address": self.address, "key": self.key}


def wanted_cell(shape: Shape, values: Mapping[str, Any], model: str = "") -> Cell:
    """The pixels that a model is asked for. Raises Refused where this model has none such."""
    dimensions = values.get("dimensions")
    if dimensions is not None:
        size = _SIZE.fullmatch(str(dimensions))
        if size is None or max(int(size[1]), int(size[2])) > _LONGEST_SIDE:
            raise Refused(400, f"the size {dimensions} is not supported")
        return Cell(("",), int(size[1]), int(size[2]), _USUAL_TOKENS)
    preset = shape.preset(model)
    asked = {axis: str(values.get(axis, preset.default.get(axis))) for axis in preset.table.axes}
    found = preset.table.find(**asked)
    if not found:
        raise Refused(400, f"{' at '.join(asked.values())} is not supported")
    return found[0]


def _count(shape: Shape, values: Mapping[str, Any]) -> int:
    count = values.get("count", 1)
    if not 1 <= count <= shape.most:
        raise Refused(400, f"{count} images at once are not supported")
    return int(count)


def encoded(look: Drawn, kind: str) -> bytes:
    """Draw and encode one picture."""
    image = Image.new("1" if kind == "png" else "L", (look.width, look.height), 0)
    draw_mark(image, look.mark)
    buffer = io.BytesIO()
    if kind == "png":
        note = PngImagePlugin.PngInfo()
        note.add_text("Software", SIMULATED_MARK.decode())
        image.save(buffer, "PNG", compress_level=1, pnginfo=note)
    elif kind == "jpeg":
        image.save(buffer, "JPEG", quality=75, comment=SIMULATED_MARK)
    else:
        image.convert("RGB").save(buffer, "WEBP", quality=50, method=0, xmp=SIMULATED_MARK)
    return buffer.getvalue()
