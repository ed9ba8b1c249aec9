"""The panel of an interactive function: a control for each parameter, what it was given besides, publish and reset.

In: Params with their values. Out: a display bundle, live values, and calls when a reader changes something. Built of
Jupyter's own controls, so that they look and behave like all others on the page. Knows no function and no figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from html import escape
from pathlib import Path
from typing import Any

from gofigr_jupyter.cleanroom.params import (
    CheckboxParam,
    DateParam,
    DropdownParam,
    Param,
    SliderParam,
    TextParam,
    unboxed,
)

_STYLE = Path(__file__).with_suffix(".css")
_LONGEST_NAME = 28  # characters of a label; longer ones are cut by the page, whole in their tooltip
_LONGEST_VALUE = 60
_ROW = {"width": "auto", "max_width": "560px"}


class Controls:
    """A panel on the page. `on_change` is called at each step of a slider, `on_publish` by its button."""

    def __init__(
        self,
        title: str,
        params: Mapping[str, Param],
        values: Mapping[str, Any],
        *,
        on_change: Callable[[], None],
        on_publish: Callable[[], None] | None = None,
    ) -> None:
        import ipywidgets  # noqa: PLC0415 - heavy, and only interactive functions need it

        self._title, self._on_change = title, on_change
        self._first = dict(values)
        self._inputs = {
            name: made for name, param in params.items() if (made := _input(ipywidgets, name, param, values[name]))
        }
        fixed = {name: value for name, value in values.items() if name not in self._inputs}
        self._fixed = [f"{name} {summary(value)}" for name, value in fixed.items()]
        self._said = ipywidgets.HTML().add_class("gofigr-controls-said")
        self._text = ipywidgets.Output(layout={"display": "none"}).add_class("gofigr-controls-text")
        self._root = self._panel(ipywidgets, on_publish)
        for control in self._inputs.values():
            control.observe(self._changed, names="value")

    @property
    def is_adjustable(self) -> bool:
        """Whether there is anything to change."""
        return bool(self._inputs)

    def values(self) -> dict[str, Any]:
        """What the controls say now, in the types of the first values."""
        found = {}
        for name, control in self._inputs.items():
            value = control.value
            found[name] = self._first[name] if value is None else _like(self._first[name], value)
        return found

    def reset(self) -> None:
        """Back to the values that the function was called with."""
        for name, control in self._inputs.items():
            control.value = _shown(self._first[name])

    def say(self, text: str, link: str | None = None) -> None:
        """One line about the state of things, plain text; then a link, where there is one."""
        said = escape(text)
        if link and link.startswith(("http://", "https://")):
            said += f': <a href="{escape(link)}" target="_blank" rel="noopener">{escape(link)}</a>'
        self._said.value = said

    def print(self, outputs: Sequence[Mapping[str, Any]]) -> None:
        """What the function printed or raised, as outputs of the notebook format."""
        self._text.outputs = tuple(outputs)
        self._text.layout.display = "" if outputs else "none"

    def bundle(self) -> dict[str, Any]:
        """What to display; where no kernel stands behind the page, the values are read as text."""
        live: dict[str, Any] = self._root._repr_mimebundle_()
        values = [f"{name} {summary(value)}" for name, value in self.values().items()] + self._fixed
        words = " · ".join([self._title, *values])
        name, *told = (escape(word) for word in [self._title, *values])
        html = f'<div style="font-size:13px"><b>{name}</b>{"".join(f" · {one}" for one in told)}</div>'
        return {**live, "text/plain": words, "text/html": html}

    def close(self) -> None:
        """Let go of every control."""
        for widget in [*self._all(self._root), self._root]:
            widget.close()

    def _all(self, box: Any) -> list[Any]:
        return [one for child in getattr(box, "children", ()) for one in [*self._all(child), child]]

    def _panel(self, kit: Any, on_publish: Callable[[], None] | None) -> Any:
        style = _STYLE.read_text(encoding="utf-8")
        name = kit.HTML(f"<style>{style}</style><b>{escape(self._title)}</b>").add_class("gofigr-controls-name")
        rows: list[Any] = [kit.HBox([name, self._said]).add_class("gofigr-controls-head"), *self._inputs.values()]
        if self._fixed:
            rows.append(kit.HTML(escape("With " + ", ".join(self._fixed))).add_class("gofigr-controls-fixed"))
        buttons = [_button(kit, "Reset", "undo", "Back to the values of the call", self.reset)] if self._inputs else []
        if on_publish is not None:
            publish = _button(kit, "Publish", "cloud-upload", "Keep what you see now as a revision", on_publish)
            buttons.insert(0, publish)
        if buttons:
            rows.append(kit.HBox(buttons).add_class("gofigr-controls-foot"))
        return kit.VBox([*rows, self._text]).add_class("gofigr-controls")

    def _changed(self, _change: Any) -> None:
        self._on_change()


def summary(value: Any) -> str:
    """A value in a few words: tables and arrays by their size."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return " × ".join(f"{size:,}" for size in shape)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, list | dict | tuple | set) and len(repr(value)) > _LONGEST_VALUE:
        return f"{len(value):,} items"
    text = value if isinstance(value, str) else repr(value) if not isinstance(value, date) else value.isoformat()
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _button(kit: Any, label: str, icon: str, tooltip: str, act: Callable[[], None]) -> Any:
    button = kit.Button(description=label, icon=icon, tooltip=tooltip, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button


def _input(kit: Any, name: str, param: Param, value: Any) -> Any:
    """The control of one parameter; None where nothing is to be changed."""
    shown = _shown(value)
    look: dict[str, Any] = {
        "description": name,
        "tooltip": name if len(name) > _LONGEST_NAME else None,
        "style": {"description_width": "initial" if isinstance(param, CheckboxParam) else "9.5em"},
        "layout": dict(_ROW),
    }
    match param:
        case SliderParam():
            return _slider(kit, param, shown, look)
        case DropdownParam():
            options = [(choice.name if isinstance(choice, Enum) else str(choice), choice) for choice in param.choices]
            if shown not in param.choices:
                options.insert(0, (str(shown), shown))
            return kit.Dropdown(options=options, value=shown, **look)
        case CheckboxParam():
            return kit.Checkbox(value=shown, indent=False, **look).add_class("gofigr-controls-check")
        case DateParam():
            return _picker(kit, shown)(value=shown, **look)
        case TextParam():
            kind = kit.Textarea if "\n" in shown else kit.Text
            return kind(value=shown, continuous_update=False, **look)
    return None


def _slider(kit: Any, param: SliderParam, value: Any, look: Mapping[str, Any]) -> Any:
    low, high, step = param.bounds(value)
    if all(isinstance(one, int) for one in (low, high, step, value)):
        return kit.IntSlider(value=value, min=low, max=high, step=step, **look)
    digits = len(f"{step:.7f}".rstrip("0").partition(".")[2])  # as many as the step has
    form = f".{max(1, digits)}f" if step >= 1e-7 else ".3g"
    return kit.FloatSlider(value=value, min=low, max=high, step=step, readout_format=form, **look)


def _picker(kit: Any, value: date) -> Any:
    if not isinstance(value, datetime):
        return kit.DatePicker
    return kit.NaiveDatetimePicker if value.tzinfo is None else kit.DatetimePicker


def _shown(value: Any) -> Any:
    """The value as a control takes it: NumPy's scalars and pandas' moments as plain ones."""
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    return unboxed(value)


def _like(first: Any, value: Any) -> Any:
    """A control's value in the type of the first one, where the control knows only plain ones."""
    return type(first)(value) if _shown(first) is not first and not isinstance(value, type(first)) else value
