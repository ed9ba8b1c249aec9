"""Clean rooms: a function, its arguments and its packages, complete enough to be run again anywhere.

The official client has a module of this name; what people import from it is here under the same names.
"""

from gofigr_jupyter.cleanroom.params import (
    CheckboxParam,
    DateParam,
    DropdownParam,
    Param,
    SliderParam,
    StaticParam,
    TextParam,
    infer_param,
)
from gofigr_jupyter.cleanroom.values import MAX_CLEAN_ROOM_BYTES
from gofigr_jupyter.errors import CleanRoomError, CleanRoomSerializationError

__all__ = [
    "MAX_CLEAN_ROOM_BYTES",
    "CheckboxParam",
    "CleanRoomError",
    "CleanRoomSerializationError",
    "DateParam",
    "DropdownParam",
    "Param",
    "SliderParam",
    "StaticParam",
    "TextParam",
    "infer_param",
]
