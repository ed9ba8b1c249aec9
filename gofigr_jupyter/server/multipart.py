"""A form with a file, as it arrives: the file goes straight to a path of ours, the few short fields stay in memory."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import IO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gofigr_jupyter.server.refusal import invalid

logging.getLogger("python_multipart").setLevel(logging.ERROR)  # strangers' nonsense is their business: they get a 400
MOST_FIELDS = 10
LONGEST = 4096  # bytes of a field, or of a header


class Form:
    """Takes the body piece by piece; `fields` by name, and the one file's `filename` as its sender calls it."""

    def __init__(self, content_type: str, path: Path, field: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary or len(boundary) > 200:
            raise invalid("detail", "This is not a form with a boundary.")
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self._path, self._field = path, field
        self._file: IO[bytes] | None = None
        self._name = ""
        self._value = bytearray()
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._is_whole = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: _grow(self._header[0], data[start:end]),
                "on_header_value": lambda data, start, end: _grow(self._header[1], data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._open,
                "on_part_data": self._take,
                "on_part_end": self._end,
                "on_end": self._finish,
            },
        )

    def feed(self, piece: bytes) -> None:
        """The next part of the body; refuses (400) what is no form, or not one that is expected."""
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise invalid("detail", "The form cannot be read.") from error

    def end(self) -> None:
        """The body has ended; refuses (400) one that broke off."""
        if not self._is_whole:
            raise invalid("detail", "The form breaks off.")

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._header, self._disposition, self._name = (bytearray(), bytearray()), b"", ""
        self._value = bytearray()

    def _end_header(self) -> None:
        if bytes(self._header[0]).lower() == b"content-disposition":
            self._disposition = bytes(self._header[1])
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        filename = options.get(b"filename")
        if filename is None:
            if len(self.fields) >= MOST_FIELDS:
                raise invalid("detail", "The form has too many fields.")
            return
        if self._name != self._field or self.filename is not None:
            raise invalid("file", f"One file is expected, as `{self._field}`.")
        self.filename = filename.decode("utf-8", "replace")
        self._path.touch(mode=0o600)
        self._file = self._path.open("wb")

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(memoryview(data)[start:end])
        else:
            _grow(self._value, data[start:end])

    def _end(self) -> None:
        if self._file is not None:
            self.close()
        else:
            value = self._value.decode("utf-8", "replace")
            if "\0" in value:
                raise invalid("detail", "A text cannot contain the character NUL.")
            self.fields[self._name] = value

    def _finish(self) -> None:
        self._is_whole = True


def _grow(target: bytearray, more: bytes) -> None:
    target += more
    if len(target) > LONGEST:
        raise invalid("detail", "A field of the form is too long.")
