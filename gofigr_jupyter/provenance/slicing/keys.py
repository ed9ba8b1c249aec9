"""The constant keys in a subscript's syntax."""

from __future__ import annotations

import ast

from gofigr_jupyter.provenance.slicing import tables


def constant_keys(node: ast.expr, owner: ast.expr | None = None) -> tuple[str, ...] | None:
    """The constant keys of a subscript: `["a"]`, `[["a", "b"]]`, `.loc[rows, "a"]`; None when it has others."""
    accessor = owner.attr if isinstance(owner, ast.Attribute) and owner.attr in tables.ACCESSORS else None
    is_pair = isinstance(node, ast.Tuple) and len(node.elts) == 2
    if accessor in {"iloc", "iat"} or (accessor is not None and not is_pair):
        return None  # by place, or a row
    if accessor is not None and isinstance(node, ast.Tuple):
        node = node.elts[1]
    if isinstance(node, ast.Constant):
        return (str(node.value),)
    if isinstance(node, ast.List) and node.elts and all(isinstance(one, ast.Constant) for one in node.elts):
        return tuple(str(one.value) for one in node.elts if isinstance(one, ast.Constant))
    return None
