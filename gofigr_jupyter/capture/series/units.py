"""An axis label to what is measured and in which unit: "Force (N)", "Force [N]", "mass_kg", "Age in years"."""

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

# At the end of a label without brackets only what is hardly a word or a name: no single letters, no "min", no "bar".
_LAST = re.compile(r"(?P<label>.+?)[\s_]+(?P<is_said>in[\s_]+)?(?P<unit>[^\s_]+)")
_PLAIN = frozenset(
    "nm µm μm mm cm km ng µg μg mg kg ns µs μs ms Hz kHz MHz GHz THz nA µA mA nV µV mV kV meV eV keV MeV GeV TeV mW kW "
    "MW GW Wh kWh MWh GWh TWh kJ MJ kcal hPa kPa MPa GPa mbar mmHg psi nM µM μM mM mmol µmol mL ml µL μL dB dBm rpm "
    "ppm ppb °C °F degC degF % kph mph km/h m/s m/s² m² m³ cm² cm³ km² g/L mg/L µg/L ng/mL µg/mL mg/mL mg/dL mmol/L "
    "kg/m³ g/cm³ µg/m³".split()
)
_SPOKEN = frozenset(
    "nanoseconds microseconds milliseconds seconds minutes hours days weeks months years percent degrees radians "
    "pixels metres meters kilometres kilometers miles feet inches grams kilograms pounds volts watts joules".split()
)
# Single letters only behind what they measure.
_LETTERS = {
    "g": "mass weight",
    "m": "length height width depth distance altitude elevation",
    "s": "time duration latency",
    "K": "temperature",
    "N": "force",
    "V": "voltage",
    "W": "power",
    "J": "energy",
}
_LONGEST = 200
_NO_END = frozenset("a an and at by each every from in no of on or per than the to versus vs with".split())


def split(text: object) -> tuple[str, str]:
    """The label without its unit, and the unit; "" where there is none.

    What stands in square brackets is taken for a unit; in round ones or behind a slash, what looks like one; at the
    end, what can hardly be anything else.
    """
    label = " ".join(text.split()) if isinstance(text, str) else ""
    if found := _SQUARE.fullmatch(label):
        return found["label"], found["unit"].strip()
    for shape in (_ROUND, _SLASH):
        if (found := shape.fullmatch(label)) and _UNIT.fullmatch(unit := found["unit"].strip()):
            return found["label"], unit
    return _at_the_end(label) or (label, "")


def _at_the_end(label: str) -> tuple[str, str] | None:
    found = _LAST.fullmatch(label) if len(label) <= _LONGEST else None
    if found is None:
        return None
    words, unit = found["label"], found["unit"]
    last = re.split(r"[\s_]+", words)[-1].lower()
    if unit in _LETTERS:
        is_unit = last in _LETTERS[unit].split()
    elif unit in _SPOKEN:
        is_unit = found["is_said"] is not None
    else:
        is_unit = unit in _PLAIN
    is_whole = last not in _NO_END and not last[-1:].isdigit()
    return (words, unit) if is_unit and is_whole else None
