"""Plots of many kinds that resemble one another as plots do, and what happens to pictures of them out in the world."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import cache

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from gofigr_jupyter.capture import pictures

WORDS = "dose response decay yield growth signal noise rate count depth mass length age time rain wind".split()


@cache
def plot(seed: int, *, dpi: int = 80) -> bytes:
    """A PNG of one of six kinds of plots, always the same for the same seed."""
    luck = random.Random(seed)  # noqa: S311 - pictures, not secrets
    with mpl.rc_context({"figure.dpi": dpi}):
        figure = Figure(figsize=luck.choice([(6.4, 4.8), (6.4, 4.8), (8, 4), (5, 5)]))
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        KINDS[seed % len(KINDS)](axes, luck)
        if luck.random() < 0.7:
            axes.set_title(" ".join(luck.choices(WORDS, k=luck.randint(1, 4))).capitalize())
        if luck.random() < 0.7:
            axes.set_xlabel(luck.choice(WORDS))
            axes.set_ylabel(luck.choice(WORDS))
        stream = io.BytesIO()
        figure.savefig(stream, format="png")
    return stream.getvalue()


def _walk(luck: random.Random, count: int) -> list[float]:
    values, at = [], 0.0
    for _ in range(count):
        at += luck.gauss(0, 1)
        values.append(at)
    return values


def _lines(axes, luck):
    for _ in range(luck.randint(1, 3)):
        axes.plot(_walk(luck, 60))


def _scatter(axes, luck):
    axes.scatter([luck.gauss(0, 1) for _ in range(80)], [luck.gauss(0, 1) for _ in range(80)], s=luck.randint(8, 40))


def _bars(axes, luck):
    count = luck.randint(4, 9)
    axes.bar(WORDS[:count], [luck.uniform(1, 10) for _ in range(count)])


def _histogram(axes, luck):
    axes.hist([luck.gauss(luck.uniform(-1, 1), 1) for _ in range(300)], bins=luck.randint(8, 30))


def _map(axes, luck):
    axes.imshow([[luck.random() for _ in range(8)] for _ in range(8)])


def _curve(axes, luck):
    rate, noise = luck.uniform(0.02, 0.2), luck.uniform(0.0, 0.1)
    points = [(1 - rate) ** step + luck.gauss(0, noise) for step in range(50)]
    axes.plot(points, "o-" if luck.random() < 0.5 else "-")
    axes.grid(visible=luck.random() < 0.5)


KINDS: tuple[Callable[..., None], ...] = (_lines, _scatter, _bars, _histogram, _map, _curve)


# ---------------------------------------------------------------- out in the world


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("RGB")


def png(image: Image.Image) -> bytes:
    return saved(image, "PNG")


def saved(image: Image.Image, file_format: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def scaled(picture: bytes, share: float) -> bytes:
    image = opened(picture)
    size = (round(image.width * share), round(image.height * share))
    return png(image.resize(size, Image.Resampling.LANCZOS if share < 1 else Image.Resampling.BICUBIC))


def padded(picture: bytes, colour: str = "white") -> bytes:
    image = opened(picture)
    canvas = Image.new("RGB", (image.width + 170, image.height + 90), colour)
    canvas.paste(image, (130, 20))
    return png(canvas)


def cropped(picture: bytes) -> bytes:
    """The margins cut off, as people do it by hand: a little is left, not the same on every side."""
    image = opened(picture)
    left, top, right, bottom = image.convert("L").point(lambda v: 255 - v).getbbox()
    right, bottom = min(right + 4, image.width), min(bottom + 9, image.height)
    return png(image.crop((max(0, left - 6), max(0, top - 3), right, bottom)))


def page(picture: bytes, *, dark: bool, scale: float = 1.0) -> bytes:
    """A screenshot of a notebook: a bar, a cell of code above, the figure beside its prompt, text and a card below."""
    image = opened(scaled(picture, scale) if scale != 1 else picture)
    paper, ink, bar = ("#111", "#ddd", "#222") if dark else ("#fff", "#222", "#eee")
    canvas = Image.new("RGB", (image.width + 420, image.height + 460), paper)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=14)
    pen.rectangle((0, 0, canvas.width, 44), fill=bar)
    pen.text((16, 14), "File  Edit  View  Run  Kernel  Help", fill=ink, font=font)
    pen.rectangle((90, 70, canvas.width - 40, 190), outline="#888")
    for line, text in enumerate(
        ("import matplotlib.pyplot as plt", "fig, ax = plt.subplots()", "ax.plot(values)", "plt.show()")
    ):
        pen.text((104, 80 + 26 * line), text, fill=ink, font=font)
    pen.text((20, 80), "In [12]:", fill=ink, font=font)
    canvas.paste(image, (110, 225))
    for line in range(4):
        pen.text(
            (100, image.height + 270 + 30 * line), "Some words about what the figure shows. " * 2, fill=ink, font=font
        )
    return saved(canvas, "PNG")


def watermarked(picture: bytes) -> bytes:
    """The copy with a strip beneath, its code made unreadable, so that only the looks are left."""
    made = opened(pictures.watermarked(picture, "https://figures.example.org/r/aB3dE9x1Z"))
    pen = ImageDraw.Draw(made)
    height = opened(picture).height
    pen.rectangle((made.width - 60, height + 20, made.width - 20, height + 60), fill="black")
    return png(made)


TRANSFORMS: dict[str, Callable[[bytes], bytes]] = {
    "30 %": lambda picture: scaled(picture, 0.3),
    "50 %": lambda picture: scaled(picture, 0.5),
    "300 %": lambda picture: scaled(picture, 3.0),
    "JPEG, quality 60": lambda picture: saved(opened(picture), "JPEG", quality=60),
    "JPEG, quality 30, 70 %": lambda picture: saved(opened(scaled(picture, 0.7)), "JPEG", quality=30),
    "WebP": lambda picture: saved(opened(picture), "WEBP", quality=70),
    "greys": lambda picture: png(opened(picture).convert("L")),
    "paler": lambda picture: png(ImageEnhance.Contrast(opened(picture)).enhance(0.7)),
    "margins cut": cropped,
    "white margins added": padded,
    "black margins added": lambda picture: padded(picture, "black"),
    "watermark strip": watermarked,
    "light page": lambda picture: page(picture, dark=False),
    "dark page": lambda picture: page(picture, dark=True),
    "dark page, 150 %, JPEG": lambda picture: saved(opened(page(picture, dark=True, scale=1.5)), "JPEG", quality=75),
    "light page, 60 %": lambda picture: page(picture, dark=False, scale=0.6),
}
