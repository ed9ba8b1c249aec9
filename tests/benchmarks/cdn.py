"""Pictures made for the web, beside Pillow called directly, and pyvips where it is, on the same pictures in turns.

All are given the bytes of a file and have to give those of another: the same size, encoder and quality. Ours is asked
for each for the first time, and keeps what it made. pyvips has one thread, as Pillow has.
"""

from __future__ import annotations

import io
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psutil
from blake3 import blake3
from PIL import Image, ImageDraw, ImageFilter, ImageOps, ImageSequence

from gofigr_jupyter.server.cdn.darkroom import Darkroom
from gofigr_jupyter.server.cdn.pixels import AVIF_SPEED
from gofigr_jupyter.server.cdn.wishes import QUALITY, Wish
from gofigr_jupyter.server.store.blobs import Cache
from tests.benchmarks.numbers import median
from tests.benchmarks.rows import Effort, Row
from tests.benchmarks.variants import THIS, Variant, temporary_folder

FACTOR = 1.25
HITS = 1000
FORMATS = {"jpeg": "JPEG", "webp": "WEBP", "avif": "AVIF", "png": "PNG", "gif": "GIF"}


@dataclass(frozen=True)
class Task:
    """A picture and what is asked of it."""

    what: str
    content: bytes
    content_type: str
    wish: Wish
    format: str
    moves: bool = False


def measure(_: Mapping[str, Variant], effort: Effort) -> list[Row]:
    """A row for each picture, and one for what is kept already."""
    with temporary_folder() as folder:
        room = Darkroom(Cache.in_folder(folder / "cache"))
        try:
            rows = [_cold(room, task, effort) for task in tasks(1 if effort.settle else 8)]
            return [*rows, _kept(room, 2000 if effort.settle else 20)]
        finally:
            room.close()


def tasks(less: int) -> list[Task]:
    """What people ask of pictures; each side is divided by `less` where only the way is tried."""
    photo, plot = _photo(4000 // less, 3000 // less), _plot(1600 // less, 1200 // less)
    jpeg, png, opaque = _saved(photo, "JPEG", quality=90), _saved(plot, "PNG"), _saved(plot.convert("RGB"), "PNG")
    large, small = 800 // less, 400 // less
    frames = [_photo(480 // less, 270 // less).rotate(12 * turn).quantize(64) for turn in range(20)]
    gif = _saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50, loop=0)
    cover = Wish(small, small, "cover", format="jpeg")
    return [
        Task("12 MP JPEG to 800 px WebP", jpeg, "image/jpeg", Wish(large, format="webp"), "webp"),
        Task("12 MP JPEG cut to 400 x 400 JPEG", jpeg, "image/jpeg", cover, "jpeg"),
        Task("12 MP JPEG to 400 px AVIF", jpeg, "image/jpeg", Wish(small, format="avif"), "avif"),
        Task("1600 x 1200 plot (PNG with alpha) to 800 px PNG", png, "image/png", Wish(large, format="png"), "png"),
        Task("1600 x 1200 plot (PNG) to 800 px WebP", opaque, "image/png", Wish(large, format="webp"), "webp"),
        Task("20 frames of GIF to 240 px WebP", gif, "image/gif", Wish(240 // less, format="webp"), "webp", moves=True),
    ]


def _cold(room: Darkroom, task: Task, effort: Effort) -> Row:
    makers: dict[str, Callable[[], bytes]] = {"ours": lambda: _ours(room, task), "Pillow": lambda: _pillow(task)}
    if (vips := _vips()) is not None and not task.moves:
        makers["pyvips"] = lambda: _with_vips(vips, task)
    sizes = {name: Image.open(io.BytesIO(make())).size for name, make in makers.items()}  # a first time for all
    if max(abs(size[0] - sizes["ours"][0]) + abs(size[1] - sizes["ours"][1]) for size in sizes.values()) > 1:
        raise ValueError(f"not the same was made: {sizes}")
    times: dict[str, list[float]] = {name: [] for name in makers}
    spent = dict.fromkeys(makers, 0.0)
    for turn in range(effort.repeats):
        for name in sorted(makers, reverse=bool(turn % 2)):
            began, before = time.perf_counter(), _spent()
            makers[name]()
            times[name].append(1000 * (time.perf_counter() - began))
            spent[name] += _spent() - before
    by_processor = spent["ours"] / spent["Pillow"]
    ratio = median([ours / theirs for ours, theirs in zip(times["ours"], times["Pillow"], strict=True)])
    beside = ", ".join(f"{name} {median(times[name]):.0f}" for name in makers if name != "ours")
    text = f"{median(times['ours']):.0f} ms, {ratio:.2f}×, by the processor {by_processor:.2f}× ({beside} ms)"
    return Row(task.what, f"≤ {FACTOR}× Pillow", {THIS: text}, ratio <= FACTOR)


def _spent() -> float:
    """Seconds of the processor, those of the children among them; theirs are told in hundredths."""
    theirs = [one.cpu_times() for one in psutil.Process().children()]
    return time.process_time() + sum(one.user + one.system for one in theirs)


def _kept(room: Darkroom, number: int) -> Row:
    content = _saved(_photo(800, 600), "JPEG", quality=90)
    digest, wish = blake3(content).hexdigest(), Wish(400, format="webp")
    room.develop(digest, "image/jpeg", lambda: iter([content]), wish)
    began = time.perf_counter()
    for _ in range(number):
        room.develop(digest, "image/jpeg", lambda: iter(()), wish)
    rate = number / (time.perf_counter() - began)
    return Row("Pictures a second that were made before", f"≥ {HITS}", {THIS: f"{rate:.0f}"}, rate >= HITS)


# ---------------------------------------------------------------- who makes them


def _ours(room: Darkroom, task: Task) -> bytes:
    digest = blake3(uuid4().bytes).hexdigest()  # nobody has asked for this one before
    pieces = [task.content[at : at + (1 << 20)] for at in range(0, len(task.content), 1 << 20)]
    return room.develop(digest, task.content_type, lambda: iter(pieces), task.wish).content


def _pillow(task: Task) -> bytes:
    width = task.wish.width or 0
    with Image.open(io.BytesIO(task.content)) as picture:
        size = (width, task.wish.height or math.ceil(width * picture.height / picture.width))
        if task.moves:
            frames = []
            for frame in ImageSequence.Iterator(picture):
                small = frame.convert("RGB")
                small.thumbnail(size)
                frames.append(small)
            return _saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=50, quality=QUALITY, loop=0)
        if task.wish.fit == "cover":
            picture.draft(None, (2 * size[0], 2 * size[1]))
            made = ImageOps.fit(ImageOps.exif_transpose(picture), size)
        else:
            picture.thumbnail(size)
            made = ImageOps.exif_transpose(picture)
        options = {} if task.format == "png" else {"quality": QUALITY}
        if task.format == "avif":
            options |= {"speed": AVIF_SPEED, "max_threads": 1}
        made.info = {}
        return _saved(made, FORMATS[task.format], **options)


def _vips() -> Any:
    os.environ["VIPS_CONCURRENCY"] = "1"
    try:
        import pyvips  # type: ignore[import-not-found,unused-ignore]
    except (ImportError, OSError):
        return None
    pyvips.cache_set_max(0)  # or it would not do it again
    return pyvips


def _with_vips(vips: Any, task: Task) -> bytes:
    options = {"height": task.wish.height or 10_000_000, "size": "down"}
    options |= {"crop": "centre"} if task.wish.fit == "cover" else {}
    made = vips.Image.thumbnail_buffer(task.content, task.wish.width, **options)
    saving = {"keep": "none"} | ({} if task.format == "png" else {"Q": QUALITY})
    if task.format == "avif":
        saving["effort"] = 9 - AVIF_SPEED
    return bytes(made.write_to_buffer(f".{task.format}", **saving))


# ---------------------------------------------------------------- pictures


def _photo(width: int, height: int) -> Image.Image:
    """Soft shapes with a little noise, as cameras give."""
    shapes = [Image.effect_noise((max(4, width // 40), max(4, height // 40)), 160) for _ in range(3)]
    soft = Image.merge("RGB", shapes).resize((width, height), Image.Resampling.BICUBIC)
    grain = Image.effect_noise((width, height), 12).convert("RGB")
    return Image.blend(soft, grain, 0.12).filter(ImageFilter.SMOOTH)


def _plot(width: int, height: int) -> Image.Image:
    """Lines and text on white, its margin seen through."""
    picture = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((width // 20, height // 20, width * 19 // 20, height * 19 // 20), "white", "black")
    for line in range(12):
        points = [(width * x // 100, height * (20 + 5 * line + (x * (line + 3)) % 17) // 100) for x in range(5, 95)]
        draw.line(points, (20 * line, 90, 255 - 20 * line), max(1, width // 400))
    for row in range(20):
        draw.text((width // 10, height * (2 + row * 4) // 90), f"A label of row {row}, with numbers {row * 3.14159:.4f}", "black")
    return picture


def _saved(picture: Image.Image, format_: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, format_, **options)
    return out.getvalue()
