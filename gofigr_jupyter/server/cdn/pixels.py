"""What is done with Pillow, and only in the child: a stranger's picture and a Plan in, encoded bytes out.

In order: decode, resize, upright, colours to sRGB, encode. Nothing of the file but its pixels and their timing is
passed on: no metadata, no place, no name of a camera.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image, ImageCms

from gofigr_jupyter.server.cdn.plans import About, Plan

PLUGINS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
MOST_PIXELS = 50_000_000
MOST_FRAMES = 1000
MOST_MOVED_PIXELS = 250_000_000  # of all frames of what is read
GAP = 2.0  # decoders and box filters come as near as this to the wanted size; the rest is done well
STRIP = 1 << 20  # pixels that are brought into another mode at a time
AVIF_SPEED = 8
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = {5, 6, 7, 8}

Box = tuple[float, float, float, float]


class Refused(Exception):
    """A picture that is not worked on; the text says why."""


@dataclass(frozen=True)
class Drawn:
    """Frames ready to be encoded, how long each is shown, in milliseconds, and how often all are (0: for ever)."""

    frames: list[Image.Image]
    durations: list[int]
    loop: int


def limit() -> None:
    """Have all of this process refuse more pixels, for some decoders allocate before we see the size."""
    # Pillow refuses twice as many; it only warns of fewer.
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2


def opened(content: bytes, content_type: str) -> Image.Image:
    """The picture in these bytes, not yet decoded. Raises Refused, and whatever Pillow raises."""
    try:
        picture = Image.open(io.BytesIO(content), formats=[PLUGINS[content_type]])
    except Image.DecompressionBombError as error:
        raise _too_many() from error
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many()
    if picture.format == "PNG":
        picture.load()  # Pillow does so to look for the orientation; there a damaged picture would become black
    return picture


def about(picture: Image.Image, content_type: str) -> About:
    """What must be known before a plan can be made."""
    frames = 1 if content_type == "image/jpeg" else getattr(picture, "n_frames", 1)  # phones hide more in a JPEG
    if frames > 1 and (frames > MOST_FRAMES or frames * picture.width * picture.height > MOST_MOVED_PIXELS):
        raise Refused(f"The animation has more than {MOST_FRAMES} frames, or too many pixels.")
    width, height = picture.size
    if _turn(picture) in SIDEWAYS:
        width, height = height, width
    return About(content_type, width, height, frames)


def drawn(picture: Image.Image, plan: Plan) -> Drawn:
    """The frames in the size of the plan, upright, in sRGB."""
    turn, profile = _turn(picture), picture.info.get("icc_profile")
    loop = _plays(picture)
    frames, durations = [], []
    for index in range(picture.n_frames if plan.moves else 1):  # type: ignore[attr-defined]  # what moves has it
        if index:
            picture.seek(index)
        frame = _resized(picture, plan, turn)
        if turn in TURNS:
            frame = frame.transpose(TURNS[turn])
        frames.append(_finished(frame, profile))
        durations.append(round(picture.info.get("duration", 0)))
    return Drawn(frames, durations, loop)


def encoded(made: Drawn, plan: Plan) -> bytes:
    """The bytes of a file in the format of the plan."""
    options: dict[str, Any] = {} if plan.quality is None else {"quality": plan.quality}
    frames = made.frames
    match plan.format:
        case "jpeg":
            frames = [_on_white(frame) for frame in frames]
        case "avif":
            # More threads would each have an arena of their own, and the server's other cores have work.
            options |= {"speed": AVIF_SPEED, "max_threads": 1}
        case "gif":
            options |= {"disposal": 2} if any(frame.mode == "RGBA" for frame in frames) else {}
    if plan.moves:
        options |= {"save_all": True, "append_images": frames[1:], "duration": made.durations}
        options |= _repeated(made.loop, plan)
    out = io.BytesIO()
    frames[0].save(out, plan.format, **options)
    return out.getvalue()


def _too_many() -> Refused:
    return Refused(f"The picture has more than {MOST_PIXELS // 1_000_000} megapixels.")


def _turn(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - a picture with odd metadata is a picture
        return 1


def _plays(picture: Image.Image) -> int:
    """How often frames are shown; a GIF that does not say shows them once, and says how often *more* otherwise."""
    if picture.format != "GIF":
        return int(picture.info.get("loop", 0))
    more = picture.info.get("loop")
    return 1 if more is None else more and more + 1


def _repeated(loop: int, plan: Plan) -> dict[str, int]:
    if plan.format != "gif":
        return {"loop": loop}
    return {} if loop == 1 else {"loop": loop and loop - 1}


# ---------------------------------------------------------------- size


def _resized(picture: Image.Image, plan: Plan, turn: int) -> Image.Image:
    """The frame in the wanted size, as it lies in the file."""
    width, height = (plan.height, plan.width) if turn in SIDEWAYS else (plan.width, plan.height)
    box = _box(picture.size, width, height) if plan.crop else (0.0, 0.0, float(picture.width), float(picture.height))
    scale = min((box[2] - box[0]) / width, (box[3] - box[1]) / height)
    before = picture.size
    if picture.format in {"JPEG", "MPO"}:
        picture.draft(None, (math.ceil(before[0] * GAP / scale), math.ceil(before[1] * GAP / scale)))
        picture.load()
    box = _scaled(box, before, picture.size)
    wanted = _mode(picture)
    if wanted == picture.mode:
        frame = picture
    else:
        factor = max(1, int(scale * picture.width / before[0] / GAP))
        frame = _converted(picture, wanted, factor)
        box = _scaled(box, picture.size, (picture.width / factor, picture.height / factor))
    if frame.size != (width, height) or plan.crop:
        frame = frame.resize((width, height), Image.Resampling.BICUBIC, box, GAP)
    return frame.copy() if frame is picture else frame


def _box(size: tuple[int, int], width: int, height: int) -> Box:
    """The middle of a picture in these proportions."""
    scale = min(size[0] / width, size[1] / height)
    left, top = (size[0] - width * scale) / 2, (size[1] - height * scale) / 2
    return left, top, size[0] - left, size[1] - top


def _scaled(box: Box, before: tuple[float, float], after: tuple[float, float]) -> Box:
    x, y = after[0] / before[0], after[1] / before[1]
    return max(0.0, box[0] * x), max(0.0, box[1] * y), min(box[2] * x, after[0]), min(box[3] * y, after[1])


def _mode(picture: Image.Image) -> str:
    """One whose values can be averaged: with alpha, colours count as much as they are seen."""
    if picture.mode in {"L", "RGB", "CMYK"} and "transparency" not in picture.info:
        return picture.mode
    if picture.mode == "1" or picture.mode.startswith("I"):
        return "L"
    return "RGBa" if picture.has_transparency_data else "RGB"


def _converted(picture: Image.Image, mode: str, factor: int) -> Image.Image:
    """In another mode, and smaller by a whole factor: in strips, for a second copy of a large picture is too much."""
    if factor == 1:
        return _in_mode(picture, mode)
    width, height = picture.size
    small = Image.new(mode, (math.ceil(width / factor), math.ceil(height / factor)))
    rows = factor * max(1, STRIP // (width * factor))
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        small.paste(_in_mode(strip, mode).reduce(factor), (0, top // factor))
    return small


def _in_mode(picture: Image.Image, mode: str) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off rather than scale
        picture = picture.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    return picture.convert("RGBA").convert("RGBa") if mode == "RGBa" else picture.convert(mode)


# ---------------------------------------------------------------- colours


def _finished(frame: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB, and without anything of the file but pixels.

    After the resizing: on a tenth of the pixels, with no difference to be seen.
    """
    if frame.mode == "RGBa":
        frame = frame.convert("RGBA")
    if profile and (transform := _transform(profile, frame.mode)) is not None:
        frame = ImageCms.applyTransform(frame, transform) or frame
    if frame.mode == "CMYK":
        frame = frame.convert("RGB")
    if frame.mode == "RGBA" and frame.getchannel("A").getextrema() == (255, 255):
        frame = frame.convert("RGB")
    frame.info = {}
    return frame


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From a profile to sRGB; None where it is that, or cannot be used."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in (source.profile.profile_description or ""):
            return None
        target = "RGBA" if mode == "RGBA" else "RGB"
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, target)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _on_white(frame: Image.Image) -> Image.Image:
    if frame.mode != "RGBA":
        return frame
    paper = Image.new("RGB", frame.size, "white")
    paper.paste(frame, mask=frame.getchannel("A"))
    return paper
