"""The noun of this package: a function's source, its imports with their versions, and its arguments, as stored.

In: a Source and live arguments, or what was read from a manifest. Out: frozen CleanRooms.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gofigr_jupyter.cleanroom import packages as installed
from gofigr_jupyter.cleanroom.params import (
    CheckboxParam,
    DateParam,
    DropdownParam,
    Param,
    SliderParam,
    StaticParam,
    TextParam,
    infer_param,
    unboxed,
)
from gofigr_jupyter.cleanroom.source import Source
from gofigr_jupyter.cleanroom.values import Encoded, decode, encode_all
from gofigr_jupyter.errors import CleanRoomError

_HINT = "python"  # the word of the manifest under which our hints stand; other readers pass over it
_TABLE = "dataframe"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: its entry of the manifest, and its table where it is one."""

    entry: Mapping[str, Any]
    frame: bytes | None = None

    def value(self) -> Any:
        """The live value."""
        return decode(Encoded(self.entry.get("value"), self.entry.get(_HINT), self.frame))

    def param(self, value: Any) -> Param:
        """The control that the entry speaks of, standing at its value."""
        entry, choices, value = self.entry, self.entry.get("choices"), unboxed(value)
        match entry.get("widget"):
            case "slider":
                found: Param = SliderParam(value, min=entry.get("min"), max=entry.get("max"), step=entry.get("step"))
            case "dropdown" if (entry.get(_HINT) or {}).get("is") == "enum":
                found = DropdownParam(value, choices=[*type(value).__members__.values()])
            case "dropdown" if isinstance(choices, list):
                found = DropdownParam(value, choices=choices)
            case "checkbox":
                found = CheckboxParam(value)
            case "text":
                found = DateParam(value) if DateParam(value).fits(value) else TextParam(value)
            case _:
                found = StaticParam(value)
        return found if found.fits(value) else infer_param("", value)


@dataclass(frozen=True, slots=True)
class CleanRoom:
    """All that a function needs to run again. `packages` are distributions with versions, `imports` the short names."""

    source: Source
    imports: Mapping[str, str]
    packages: Mapping[str, str | None]
    arguments: Mapping[str, Argument]
    python: str = field(default_factory=platform.python_version)
    rendering: Mapping[str, Any] | None = None  # None: as it is when the figure is published

    @classmethod
    def of(
        cls, source: Source, imports: Mapping[str, str], values: Mapping[str, Any], params: Mapping[str, Param]
    ) -> CleanRoom:
        """From what is live; raises CleanRoomSerializationError for arguments that cannot be stored."""
        return cls(source, imports, installed.versions(imports), _stored(values, params))

    @property
    def name(self) -> str:
        """The function's name."""
        return self.source.name

    def values(self) -> dict[str, Any]:
        """The arguments, as live values of their own: nothing that the function does to them is seen elsewhere."""
        return {name: argument.value() for name, argument in self.arguments.items()}

    def params(self, values: Mapping[str, Any]) -> dict[str, Param]:
        """The control of each argument, standing at one of `values`."""
        # Of the very values that are called with: an Enum of the author's is made anew each time that it is read.
        return {name: self.arguments[name].param(value) for name, value in values.items()}

    def with_values(self, changed: Mapping[str, Any]) -> CleanRoom:
        """The same room with other values of some arguments; raises CleanRoomError for a name that is no argument."""
        unknown = [name for name in changed if name not in self.arguments]
        if unknown:
            has = ", ".join(self.arguments) or "none"
            raise CleanRoomError(f"{self.name}() has no argument {', '.join(unknown)}; it has: {has}")
        params = {}
        for name, value in changed.items():
            before = self.arguments[name]
            param = before.param(before.value()).with_default(value)
            params[name] = param if param.fits(unboxed(value)) else infer_param(name, value)
        return replace(self, arguments={**self.arguments, **_stored(changed, params)})


def rendering_now() -> dict[str, Any]:
    """The settings of the session that a picture's size depends on."""
    matplotlib = sys.modules.get("matplotlib")
    return {} if matplotlib is None else {"dpi": matplotlib.rcParams["figure.dpi"]}


def _stored(values: Mapping[str, Any], params: Mapping[str, Param]) -> dict[str, Argument]:
    return {name: _argument(one, params[name]) for name, one in encode_all(values).items()}


def _argument(stored: Encoded, param: Param) -> Argument:
    hint = {} if stored.hint is None else {_HINT: stored.hint}
    if stored.frame is not None:
        return Argument({"type": _TABLE, **hint}, stored.frame)
    return Argument({**param.with_default(stored.value).to_manifest(), **hint})
