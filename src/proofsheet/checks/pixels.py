"""Checks of the pixels, by decoded bytes."""

from __future__ import annotations

from collections.abc import Iterator

from proofsheet.checks.geometry import area_close, ratio_close, same_area, same_ratio, size_of, sizes_of
from proofsheet.checks.model import Judgement
from proofsheet.checks.subject import Subject
from proofsheet.contract.model import Cell
from proofsheet.exchange.model import Picture

_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
#: Media types that say nothing about the bytes.
_SILENT_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream"})


def _sized(subject: Subject) -> Iterator[tuple[Picture, tuple[int, int]]]:
    if subject.served:
        for picture in subject.images:
            size = size_of(picture)
            if size is not None:
                yield picture, size


def _names(cells: tuple[Cell, ...]) -> str:
    return " or ".join(dict.fromkeys(f"{width}x{height}" for cell in cells for width, height in sizes_of(cell)))[:160]


def _label(subject: Subject, size: tuple[int, int]) -> str:
    """A note where the source itself has been seen to deviate like this."""
    table = subject.operation.pixels.table if subject.operation.pixels else None
    wanted = {cell.at for cell in subject.wanted_cells}
    for seen in table.observed if table else ():
        if seen.at in wanted and (seen.width, seen.height) == size:
            return f" (the source's own service was seen to answer so on {seen.date})"
    return ""


def ratio(subject: Subject) -> Iterator[Judgement]:
    """Width to height within 6 % of what was asked for."""
    cells = subject.wanted_cells
    if not same_ratio(cells):
        return
    for _, size in _sized(subject):
        held = any(ratio_close(size, cell) for cell in cells)
        yield Judgement("pixels.ratio", held, f"the ratio is within 6 %{_label(subject, size)}" if held else f"another ratio than asked for{_label(subject, size)}",
                        _names(cells), f"{size[0]}x{size[1]}")  # fmt: skip


def size(subject: Subject) -> Iterator[Judgement]:
    """Area within 10 % of what was asked for."""
    cells = subject.wanted_cells
    if not same_area(cells):
        return
    for _, found in _sized(subject):
        held = any(area_close(found, cell) for cell in cells)
        yield Judgement("pixels.size", held, f"the area is within 10 %{_label(subject, found)}" if held else f"another size than asked for{_label(subject, found)}",
                        _names(cells), f"{found[0]}x{found[1]}")  # fmt: skip


def exact(subject: Subject) -> Iterator[Judgement]:
    """The table's pixels, where one cell was asked for."""
    cells = subject.wanted_cells
    if len(cells) != 1:
        return
    for _, found in _sized(subject):
        held = found in sizes_of(cells[0])
        dispute = f" (disputed cell: {cells[0].dispute})" if cells[0].dispute else ""
        message = f"the pixels of the table{dispute}" if held else f"other pixels than the table's{_label(subject, found)}{dispute}"
        yield Judgement("pixels.exact", held, message, _names(cells), f"{found[0]}x{found[1]}")


def format_(subject: Subject) -> Iterator[Judgement]:
    """The bytes are of the format asked for, or of one that may come."""
    role, pixels = subject.operation.roles.get("format"), subject.operation.pixels
    value = subject.asked.get("format", role.default) if role is not None else None
    allowed = (str(value),) if value is not None else (pixels.formats if pixels else ("png", "jpeg", "webp"))
    for picture in subject.images if subject.served else ():
        if picture.problem in (None, "undecodable"):
            held = picture.kind in allowed
            yield Judgement("pixels.format", held, "the format is right" if held else "another format by its magic bytes", " or ".join(allowed), picture.kind or "no picture")


def media_type(subject: Subject) -> Iterator[Judgement]:
    """The stated media type agrees with the magic bytes."""
    for picture in subject.images if subject.served else ():
        if picture.kind is None or picture.problem is not None:
            continue
        stated = (picture.declared or "").partition(";")[0].strip().lower()
        actual = f"image/{picture.kind}"
        if stated in _SILENT_TYPES:
            yield Judgement("pixels.media_type", False, "no media type is stated for the image", actual, stated or "none", "info")
        else:
            held = _ALIASES.get(stated, stated) == actual
            yield Judgement("pixels.media_type", held, "the stated media type is that of the bytes" if held else "the stated media type is not that of the bytes", actual, stated)


def complete(subject: Subject) -> Iterator[Judgement]:
    """Every pixel can be decoded, to the end marker."""
    for picture in subject.images if subject.served else ():
        if picture.problem in (None, "undecodable"):
            held = picture.problem is None and picture.complete
            yield Judgement("pixels.complete", held, "the image is complete" if held else "the image cannot be decoded to its end", "complete",
                            "complete" if held else picture.detail[:120] or "truncated or broken")  # fmt: skip


def count(subject: Subject) -> Iterator[Judgement]:
    """As many images as asked for."""
    if not subject.served or subject.performance.probe.poll_only is not None:
        return
    wanted, found = subject.wanted_count, len(subject.images)
    if wanted is None:
        yield Judgement("pixels.count", found >= 1, "an image came" if found else "no image came", "at least 1", str(found))
        return
    yield Judgement("pixels.count", found == wanted, "as many images as asked for" if found == wanted else "another number of images", str(wanted), str(found))
    digests = {picture.digest for picture in subject.images if picture.digest}
    if found > 1 and len(digests) == 1:
        yield Judgement("pixels.count", False, "all images have the same bytes", f"{found} images", "one image", "info")


def declared(subject: Subject) -> Iterator[Judgement]:
    """Sizes that the answer states agree with the pixels."""
    final, answer = subject.performance.final, subject.operation.answer or (subject.operation.lifecycle.answer if subject.operation.lifecycle else None)
    if final is None or answer is None or not subject.served:
        return
    for name, locators in answer.declared.items():
        for value, (_, found) in zip(final.find(locators), _sized(subject), strict=False):
            actual = {"width": str(found[0]), "height": str(found[1])}.get(name, f"{found[0]}x{found[1]}")
            yield Judgement("pixels.declared", str(value) == actual, f"the stated {name} agrees with the pixels", str(value)[:60], actual)


CHECKS = (ratio, size, exact, format_, media_type, complete, count, declared)
