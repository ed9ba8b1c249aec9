"""How a parameter can be turned by hand: slider, dropdown, checkbox, text, date, or not at all.

In: what an author declares (a Param as default, a type hint) or else the value itself. Out: a Param, and its line of
the manifest in GoFigr's words. Knows no widget library.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

_TYPES: tuple[tuple[type, str], ...] = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))
_LARGEST_SLIDER = 1e15  # beyond it, neighbouring numbers look alike to a browser


class Param:
    """A parameter's default and the control by which a reader changes it; give one as the default of an argument."""

    widget: ClassVar[str | None] = None  # the manifest's word for it

    def __init__(self, default: Any) -> None:
        self.default = default

    def to_manifest(self, value: Any = None) -> dict[str, Any]:
        """This parameter's entry of the manifest; `value`, plain JSON, is the default where it is left out."""
        plain = self.default if value is None else value
        said = {"widget": self.widget} if self.widget is not None else {}
        return {"type": neutral_type(plain), **said, "value": plain, **self.details(plain)}

    def details(self, value: Any) -> dict[str, Any]:  # noqa: ARG002 - some controls depend on it
        """What else the control needs to know."""
        return {}

    def fits(self, value: Any) -> bool:  # noqa: ARG002 - most controls take anything
        """Whether the control can stand at a value."""
        return True

    def with_default(self, value: Any) -> Param:
        """The same control, standing at another value."""
        changed = copy.copy(self)
        changed.default = value
        return changed

    def __repr__(self) -> str:
        """As it would be written."""
        options = {name: value for name, value in vars(self).items() if name != "default" and value is not None}
        shown = [repr(self.default), *(f"{name}={value!r}" for name, value in options.items())]
        return f"{type(self).__name__}({', '.join(shown)})"


class SliderParam(Param):
    """A number between two bounds; what is not given is chosen so that the default lies well within."""

    widget: ClassVar[str | None] = "slider"

    def __init__(
        self,
        default: Any,
        *,
        min: float | None = None,  # noqa: A002 - the official client's words
        max: float | None = None,  # noqa: A002
        step: float | None = None,
    ) -> None:
        super().__init__(default)
        self.min, self.max, self.step = min, max, step

    def bounds(self, value: float) -> tuple[float, float, float]:
        """Least, greatest, step; the value itself always lies between."""
        whole = isinstance(value, int)
        reach = builtin_max(abs(value) * 2, 100 if whole else 1.0)
        low = self.min if self.min is not None else (0 if value >= 0 else -reach)
        high = self.max if self.max is not None else builtin_max(reach, low + reach)
        low, high = builtin_min(low, value), builtin_max(high, value)
        if self.step is not None and self.step > 0:
            return low, high, self.step
        return low, high, 1 if whole and isinstance(low, int) and isinstance(high, int) else _fine_step(high - low)

    def fits(self, value: Any) -> bool:
        """Numbers only."""
        return _is_number(value) and abs(value) < math.inf  # whole numbers may be larger than any float

    def details(self, value: Any) -> dict[str, Any]:
        """The bounds."""
        low, high, step = self.bounds(value)
        return {"min": low, "max": high, "step": step}


class DropdownParam(Param):
    """One of several choices."""

    widget: ClassVar[str | None] = "dropdown"

    def __init__(self, default: Any, *, choices: Sequence[Any]) -> None:
        super().__init__(default)
        self.choices = list(choices)

    def details(self, value: Any) -> dict[str, Any]:
        """The choices as plain values, the present one among them."""
        plain = [choice.value if isinstance(choice, Enum) else choice for choice in self.choices]
        return {"choices": plain if value in plain else [value, *plain]}


class CheckboxParam(Param):
    """Yes or no."""

    widget: ClassVar[str | None] = "checkbox"

    def fits(self, value: Any) -> bool:
        """True and false only."""
        return isinstance(value, bool)


class TextParam(Param):
    """Any text."""

    widget: ClassVar[str | None] = "text"

    def fits(self, value: Any) -> bool:
        """Text only."""
        return isinstance(value, str)


class DateParam(Param):
    """A day, or a moment; in manifests it is a text, for no other reader knows dates."""

    widget: ClassVar[str | None] = "text"

    def fits(self, value: Any) -> bool:
        """Days and moments; pandas' "not a time" does not equal itself."""
        return isinstance(value, date) and value == value  # noqa: PLR0124


class StaticParam(Param):
    """Shown, and not to be changed: tables, lists."""


builtin_min, builtin_max = min, max  # SliderParam's own words hide them


def neutral_type(value: Any) -> str:
    """GoFigr's name for the type of a plain value, the same in every language."""
    if value is None:
        return "none"
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "unknown")


def unboxed(value: Any) -> Any:
    """The value; of NumPy's scalars the plain one."""
    return value.item() if hasattr(value, "dtype") and not getattr(value, "shape", True) else value


def infer_param(name: str, value: Any, type_hints: Mapping[str, Any] | None = None) -> Param:
    """The control that fits an argument: by its type hint if that says something, else by its value.

    Hints that say something: `Literal[...]`, an Enum, and `Annotated[...]` with a Param, a `range`, a `(min, max)` or
    `(min, max, step)`, a list of choices, or bounds in the manner of annotated-types (`Ge`, `Le`, `Interval`...).
    """
    value = unboxed(value)
    found = _from_hint((type_hints or {}).get(name), value)
    return found if found is not None and found.fits(value) else _from_value(value)


def _from_value(value: Any) -> Param:
    match value:
        case Enum():
            return DropdownParam(value, choices=list(type(value)))
        case bool():
            return CheckboxParam(value)
        case int() | float() if abs(value) < _LARGEST_SLIDER:
            return SliderParam(value)
        case str():
            return TextParam(value)
    return DateParam(value) if DateParam(value).fits(value) else StaticParam(value)


def _from_hint(hint: Any, value: Any) -> Param | None:
    origin = get_origin(hint)
    if origin is Annotated:
        base, *marks = get_args(hint)
        return _from_marks(marks, value) or _from_hint(base, value)
    if origin is Literal:
        return DropdownParam(value, choices=get_args(hint))
    if origin in {Union, UnionType}:
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        return _from_hint(kinds[0], value) if len(kinds) == 1 and value is not None else None
    if isinstance(hint, type) and issubclass(hint, Enum) and isinstance(value, hint):
        return DropdownParam(value, choices=list(hint))
    return None


def _from_marks(marks: Sequence[Any], value: Any) -> Param | None:
    for mark in marks:
        match mark:
            case Param():
                return mark.with_default(value)
            case range() if len(mark) and _is_number(value):
                return SliderParam(value, min=builtin_min(mark), max=builtin_max(mark), step=abs(mark.step))
            case (low, high) if _is_number(low) and _is_number(high) and _is_number(value):
                return SliderParam(value, min=low, max=high)
            case (low, high, step) if isinstance(mark, tuple) and all(map(_is_number, (*mark, value))):
                return SliderParam(value, min=low, max=high, step=step)
            case list() | set() | frozenset():
                return DropdownParam(value, choices=list(mark))
    return _from_bounds(marks, value) if _is_number(value) else None


def _from_bounds(marks: Sequence[Any], value: float) -> Param | None:
    """Bounds that others declare by attributes: annotated-types, msgspec, pydantic."""
    said: dict[str, float] = {}
    for mark in marks:
        for word in ("ge", "gt", "le", "lt", "multiple_of"):
            bound = getattr(mark, word, None)
            if isinstance(bound, int | float) and _is_number(bound):
                said[word] = bound
    if not said:
        return None
    edge = 1 if isinstance(value, int) else 0  # of whole numbers, "more than 3" is "4 or more"
    low = said["gt"] + edge if "gt" in said else said.get("ge")
    high = said["lt"] - edge if "lt" in said else said.get("le")
    return SliderParam(value, min=low, max=high, step=said.get("multiple_of"))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fine_step(width: float) -> float:
    """About a hundredth of the way, as 1, 2 or 5 of some decimal place."""
    if not width > 0:
        return 0.1
    exact = width / 100
    power: float = 10.0 ** math.floor(math.log10(exact))
    nearest = builtin_min((1, 2, 5, 10), key=lambda digit: abs(digit * power - exact))
    return float(f"{nearest * power:.0e}")
