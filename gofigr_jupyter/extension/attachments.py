"""Data frames and files that an author sends along with a figure, as bytes.

In: what `publish(dataframes=..., files=...)` was given. Out: Attachments. Reads the user's files, at their word only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gofigr_jupyter.errors import CaptureError
from gofigr_jupyter.records import Attachment


def attachments_of(
    dataframes: Mapping[str, Any] | None, files: Sequence[Any] | Mapping[str, Any] | None
) -> tuple[Attachment, ...]:
    """All of them, in the order given. Raises CaptureError for what is no frame or cannot be read."""
    return (*_frames(dataframes or {}), *_files(files or {}))


def _frames(frames: Mapping[str, Any]) -> list[Attachment]:
    if not isinstance(frames, Mapping):
        raise CaptureError("dataframes maps names to data frames: publish(fig, dataframes={'measurements': df})")
    found = []
    for name, frame in frames.items():
        if not hasattr(frame, "to_csv"):
            raise CaptureError(f"dataframes[{name!r}] is a {type(frame).__name__}, not a pandas data frame")
        text = frame.to_csv(index=_has_own_index(frame))
        found.append(Attachment(str(name), "dataframe", "csv", text.encode("utf-8")))
    return found


def _has_own_index(frame: Any) -> bool:
    """A plain 0, 1, 2... says nothing and would only add a nameless column."""
    index = frame.index
    return type(index).__name__ != "RangeIndex" or (index.start, index.step, index.name) != (0, 1, None)


def _files(files: Sequence[Any] | Mapping[str, Any]) -> list[Attachment]:
    if isinstance(files, str | bytes | Path):
        files = [files]
    pairs = files.items() if isinstance(files, Mapping) else [(Path(str(file)).name, file) for file in files]
    return [_file(str(name), file) for name, file in pairs]


def _file(name: str, file: Any) -> Attachment:
    path = None
    try:
        if hasattr(file, "read"):
            content = file.read()
            data = content.encode("utf-8") if isinstance(content, str) else bytes(content)
        elif isinstance(file, bytes | bytearray):
            data = bytes(file)
        else:
            path = str(Path(file).absolute())
            data = Path(file).read_bytes()
    except (OSError, TypeError, ValueError) as error:
        raise CaptureError(f"The file {name!r} cannot be read: {error}") from error
    return Attachment(name, "file", Path(name).suffix.lstrip(".").lower(), data, path)
