"""The pixel and token tables as the page prints them, typed by hand."""

from typing import Any

from pins import Pin, same

#: Ratio, then the pixels at 512, 1K, 2K and 4K.
FLASH_3_1 = """
1:1   512x512   1024x1024  2048x2048  4096x4096
1:4   256x1024  512x2048   1024x4096  2048x8192
1:8   192x1536  384x3072   768x6144   1536x12288
2:3   424x632   848x1264   1696x2528  3392x5056
3:2   632x424   1264x848   2528x1696  5056x3392
3:4   448x600   896x1200   1792x2400  3584x4800
4:1   1024x256  2048x512   4096x1024  8192x2048
4:3   600x448   1200x896   2400x1792  4800x3584
4:5   464x576   928x1152   1856x2304  3712x4608
5:4   576x464   1152x928   2304x1856  4608x3712
8:1   1536x192  3072x384   6144x768   12288x1536
9:16  384x688   768x1376   1536x2752  3072x5504
16:9  688x384   1376x768   2752x1536  5504x3072
21:9  792x168   1584x672   3168x1344  6336x2688
"""
TOKENS_3_1 = {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520}
OBSERVED_3_1 = [
    (["16:9", "1K"], "1408x768"), (["16:9", "512"], "704x384"), (["16:9", "2K"], "2816x1536"), (["16:9", "4K"], "5632x3072"),
    (["1:4", "1K"], "512x2064"), (["8:1", "1K"], "2928x352"),
]  # fmt: skip

FLASH_2_5 = """
1:1 1024x1024
2:3 832x1248
3:2 1248x832
3:4 864x1184
4:3 1184x864
4:5 896x1152
5:4 1152x896
9:16 768x1344
16:9 1344x768
21:9 1536x672
"""
TOKENS_2_5 = 1290
SOURCE = {"page": "https://ai.google.dev/gemini-api/docs/image-generation", "page_updated": "2026-03-23", "copied": "2026-03-27"}


def _cell(at: list[str], pixels: str, tokens: int) -> dict[str, Any]:
    width, height = pixels.split("x")
    return {"at": at, "width": int(width), "height": int(height), "tokens": tokens}


def flash_3_1(document: Any) -> None:
    """14 ratios by 4 sizes."""
    rows = [line.split() for line in FLASH_3_1.strip().splitlines()]
    expected = [_cell([ratio, size], pixels, TOKENS_3_1[size]) for ratio, *cells in rows for size, pixels in zip(TOKENS_3_1, cells, strict=True)]
    assert len(expected) == 56
    cells = [dict(cell) for cell in document["cells"]]
    disputes = {tuple(cell["at"]): cell.pop("disputed")["also"] for cell in cells if "disputed" in cell}
    same(cells, expected, "cells")
    assert disputes == {("21:9", "512"): ["792x336"]}
    observed = [{"at": at, "width": int(p.split("x")[0]), "height": int(p.split("x")[1]), "date": "2026-09-02"} for at, p in OBSERVED_3_1]
    same([{key: value for key, value in entry.items() if key != "where"} for entry in document["observed"]], observed, "observed")
    assert [entry["where"] for entry in document["observed"]] == ["live report"] * len(OBSERVED_3_1)
    _head(document, "flash-image-3.1", ["ratio", "size"], ["gemini-3.1-flash-image-preview", "gemini-3.1-flash-image"])


def flash_2_5(document: Any) -> None:
    """10 ratios, one size."""
    expected = [_cell([ratio], pixels, TOKENS_2_5) for ratio, pixels in (line.split() for line in FLASH_2_5.strip().splitlines())]
    assert len(expected) == 10
    same(document["cells"], expected, "cells")
    assert "observed" not in document
    _head(document, "flash-image-2.5", ["ratio"], ["gemini-2.5-flash-image"])


def _head(document: Any, table: str, axes: list[str], models: list[str]) -> None:
    assert document["table"] == table
    assert document["axes"] == axes
    same(document["source"], {**SOURCE, "models": models}, "source")


PINS: dict[str, Pin] = {"presets/flash-image-3.1.yaml": flash_3_1, "presets/flash-image-2.5.yaml": flash_2_5}
