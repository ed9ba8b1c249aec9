"""All models of the contract: those that answer and those that clients write."""

from __future__ import annotations

import importlib
import pkgutil

from gofigr_jupyter import schema
from gofigr_jupyter.schema.authorship import Attributed, AttributedDraft, Authored, Described, Parent
from gofigr_jupyter.schema.base import Draft, Page, Wire
from gofigr_jupyter.schema.fig1 import Envelope, Success

MODULES = [
    importlib.import_module(f"{schema.__name__}.{found.name}") for found in pkgutil.iter_modules(schema.__path__)
]
MODELS = [
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Wire) and value.__module__ == module.__name__
    if value not in {Wire, Draft}
]
PIECES = {Attributed, AttributedDraft, Authored, Described, Parent}  # of other models
PIECES |= {Envelope, Page, Success}  # filled by them
DRAFTS = [model for model in MODELS if issubclass(model, Draft) and model not in PIECES]
ANSWERS = [model for model in MODELS if not issubclass(model, Draft) and model not in PIECES]
