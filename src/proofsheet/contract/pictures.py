"""Small real pictures that requests carry as references, made once."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

#: What every picture that the reference gateway makes carries, so that it is known again behind any gateway.
SIMULATED_MARK = b"proofsheet-reference"


@dataclass(frozen=True, slots=True)
class SamplePicture:
    """A picture with its media type and bytes."""

    media_type: str
    content: bytes

    @property
    def base64(self) -> str:
        """The bytes in standard base64."""
        return base64.b64encode(self.content).decode("ascii")

    @property
    def data_uri(self) -> str:
        """The picture as a data URI."""
        return f"data:{self.media_type};base64,{self.base64}"


@lru_cache(maxsize=64)
def sample_picture(kind: str, number: int = 0) -> SamplePicture:
    """A 64x64 picture of this kind (png, jpeg or webp); each ``number`` looks different."""
    image = Image.new("RGB", (64, 64), (40 + 13 * number % 200, 90, 160))
    ImageDraw.Draw(image).ellipse((8, 8 + number, 48, 48), fill=(230, 180, 20 * number % 255))
    buffer = io.BytesIO()
    image.save(buffer, kind.upper())
    return SamplePicture(f"image/{kind}", buffer.getvalue())
