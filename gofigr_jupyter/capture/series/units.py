"""An axis label to what is measured and in which unit: "Force (N)", "Force [N]", "Force / N"."""

from __future__ import annotations

import re

_SQUARE = re.compile(r"(?P<label>.*\S)\s*\[(?P<unit>[^][]{1,40})\]")
_ROUND = re.compile(r"(?P<label>.*\S)\s*\((?P<unit>[^()]{1,40}(?:\([^()]*\)[^()]*)?)\)")
_SLASH = re.compile(r"(?P<label>.*\S)\s+/\s+(?P<unit>\S.{0,39})")

_SYMBOLS = (
    "m g s A K mol cd Hz N Pa J W C V F S Wb T H lm lx Bq Gy Sv kat L l h d eV Da u ha bar rad sr cal B b bit bp M "
    "Wh Ah VA var ohm Ω pc yr Jy G Oe erg dyn P St px pt t U"
)
_UNPREFIXED = (
    "min hr sec wk mo in ft yd mi nmi mph kn kt lb lbs oz gal psi atm Torr mmHg BTU deg dB dBm rpm RPM ppm ppb ppt "
    "ppbv IU AU ly mag cfu CFU OD RFU MFI cps cpm FTE USD EUR GBP CHF JPY CNY INR CAD AUD pH"
)
_WORDS = (
    "(?:milli|micro|kilo|mega|giga|nano)?(?:seconds?|met(?:er|re)s?|grams?|watts?|volts?|hertz|joules?|pascals?|bytes?|"
    "lit(?:er|re)s?)|minutes?|hours?|days?|weeks?|months?|years?|percent|counts?|pixels?|degrees?|radians?|dollars?|"
    "euros?|miles?|inch(?:es)?|feet|pounds?|people|persons?|cells?|reads?|arb(?:itrary|\\.)? units?|"
    "a\\.\\s?u\\.|decibels?|kelvin|celsius|fahrenheit|tons?|tonnes?"
)
_SIGNS = r"[%‰°′″Å$€£¥]|°\s?[CFNSEW]|\$\^\{?\\?circ\}?\$\s?[CF]?|10(?:[⁰¹²³⁴-⁹⁻]+|\^-?\d+|\$?\^\{[-−]?\d+\}\$?)"
_PREFIX = r"(?:da|[YZEPTGMkhdcmµμunpfazy]|\$?\\mu\$?)?"
_POWER = r"(?:\$?\^\{?[-−+]?\d\}?\$?|[⁰¹²³⁴-⁹⁻]+|\*\*-?\d|[-−]\d|[23])?"
_ONE = (
    rf"(?:{_SIGNS}|(?:{'|'.join(_UNPREFIXED.split())}|{_PREFIX}(?:{'|'.join(_SYMBOLS.split())})){_POWER}|(?:{_WORDS}))"
)
_SCALE = r"(?:(?:thousand|million|billion|trillion|10[⁰¹²³⁴-⁹⁻]+|1e\d+|1000|×\s?10\S+)s?\s)?"
_UNIT = re.compile(
    rf"(?:{_SCALE}\(?{_ONE}(?:(?:\s*[/·*×.⋅]\s*|\s+per\s+|\s+)\(?{_ONE}\)?)*|thousands|millions|billions)"
)


def split(text: object) -> tuple[str, str]:
    """The label without its unit, and the unit; "" where there is none.

    What stands in square brackets is taken for a unit; in round ones or behind a slash, what looks like one.
    """
    label = " ".join(text.split()) if isinstance(text, str) else ""
    if found := _SQUARE.fullmatch(label):
        return found["label"], found["unit"].strip()
    for shape in (_ROUND, _SLASH):
        if (found := shape.fullmatch(label)) and _UNIT.fullmatch(unit := found["unit"].strip()):
            return found["label"], unit
    return label, ""
