"""What kind of thing a value is, as far as the slicer needs to know: can it change, and what changes it?

In: the names of a type. Out: one word. The kernel notes these words of the names that a cell binds; the analysis reads
them. Loads nothing.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Each of these is changed by operations of its own."""

    VALUE = "value"  # never changes: numbers, texts, dates
    FRAME = "frame"  # tables, columns, groups
    ARRAY = "array"
    CONTAINER = "container"
    PLAIN = "plain"  # a container of values; the kernel's word alone
    ITERATOR = "iterator"  # reading it changes it
    FIGURE = "figure"  # figures with all that is in them
    RANDOM = "random"  # generators of random numbers
    LIBRARY = "library"  # a module, or what was imported from one
    FUNCTION = "function"  # of the user's own
    CLASS = "class"
    INSTANCE = "instance"  # of a class of the user's own
    OTHER = "other"


_BUILTINS = {
    **dict.fromkeys(("int", "float", "complex", "bool", "str", "bytes", "NoneType", "range", "slice"), Kind.VALUE),
    **dict.fromkeys(("list", "dict", "set", "bytearray"), Kind.CONTAINER),
    **dict.fromkeys(("zip", "map", "filter", "enumerate", "reversed", "generator"), Kind.ITERATOR),
}
_OF_NUMPY = {"ndarray": Kind.ARRAY, "Generator": Kind.RANDOM, "RandomState": Kind.RANDOM, "matrix": Kind.ARRAY}
_SCALARS = frozenset("float int uint bool complex str datetime timedelta".split())
_VALUES = frozenset(
    "datetime date time timedelta timezone Decimal Fraction UUID Timestamp Timedelta Period Interval PosixPath "
    "PurePosixPath WindowsPath Pattern ZoneInfo NaTType".split()
)
_CONTAINERS = frozenset("defaultdict OrderedDict Counter deque ChainMap SimpleNamespace".split())
_FRAMES = frozenset(
    "DataFrame Series Index RangeIndex MultiIndex DatetimeIndex TimedeltaIndex PeriodIndex CategoricalIndex "
    "IntervalIndex Categorical".split()
)
_GROUPS = frozenset("DataFrameGroupBy SeriesGroupBy Rolling Expanding Resampler DatetimeIndexResampler".split())
FIGURE_LIBRARIES = frozenset(
    "matplotlib seaborn plotly altair bokeh plotnine holoviews hvplot pyvista mpl_toolkits".split()
)


def kind_of(module: str, name: str) -> Kind:
    """The kind of a type, by the module that defines it and its name; OTHER when it is not known."""
    root = module.partition(".")[0]
    if root == "builtins":
        return _BUILTINS.get(name, Kind.OTHER)
    if root == "numpy":
        return Kind.VALUE if name.rstrip("_0123456789") in _SCALARS else _OF_NUMPY.get(name, Kind.OTHER)
    if name in _VALUES:
        return Kind.VALUE
    if root == "pandas":
        return Kind.FRAME if name in _FRAMES or name in _GROUPS else Kind.OTHER
    if root == "collections" or name in _CONTAINERS:
        return Kind.CONTAINER
    if root == "random" and name == "Random":
        return Kind.RANDOM
    is_drawn = name.endswith(("Figure", "Axes", "Axes3D", "Subplot", "Grid"))
    return Kind.FIGURE if root in FIGURE_LIBRARIES and is_drawn else Kind.OTHER
