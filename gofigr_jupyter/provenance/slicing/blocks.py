"""Statements: assignments, loops, branches, definitions, imports. The top of the tower that follows code.

In: one statement's syntax. Out: its effect (in `effect`), and names that stand for other things than before.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from gofigr_jupyter.provenance.slicing import tables
from gofigr_jupyter.provenance.slicing.calls import Calls
from gofigr_jupyter.provenance.slicing.keys import constant_keys
from gofigr_jupyter.provenance.slicing.kinds import Kind
from gofigr_jupyter.provenance.slicing.things import IMPORTS, NOTHING, STAR, Location, Scope, Thing, Things

SIDE_EFFECTS = "@imported"  # what an import does besides binding its names
COLOUR_MAPS: Location = ("@colours", "seaborn", "")  # matplotlib knows them once seaborn is imported


class Blocks(Calls):
    """Follows statements."""

    def __init__(self) -> None:
        super().__init__()
        self.bound_names: tuple[str, ...] = ()  # what the kernel saw this cell bind

    def run_body(self, body: list[ast.stmt]) -> None:
        """Follow statements in order."""
        for statement in body:
            self.run(statement)

    def run(self, node: ast.stmt) -> None:
        """Follow one statement."""
        self.step()
        handler: Callable[[Any], None] = getattr(self, f"_do_{type(node).__name__.lower()}", self._do_other)
        handler(node)

    def _do_other(self, node: ast.stmt) -> None:
        """Pass, break, continue, and whatever newer Pythons have."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.use(child)

    # ------------------------------------------------------------ simple statements

    def _do_expr(self, node: ast.Expr) -> None:
        self.is_discarded = isinstance(node.value, ast.Call)
        self.look(node.value)
        self.is_discarded = False

    def _do_assign(self, node: ast.Assign) -> None:
        things = self.look(node.value)
        for target in node.targets:
            self.assign(target, things, node.value)
            self._note_text(target, node.value)

    def _do_annassign(self, node: ast.AnnAssign) -> None:
        if self.scope is None or self.scope.is_class:
            self.look(node.annotation)
        if node.value is not None:
            self.assign(node.target, self.look(node.value), node.value)
            self._note_text(node.target, node.value)

    def _note_text(self, target: ast.expr, value: ast.expr) -> None:
        text = value.value if isinstance(value, ast.Constant) and not self.weak else None
        if isinstance(target, ast.Name) and self.scope is None and isinstance(text, str):
            self.texts[target.id] = text

    def _do_augassign(self, node: ast.AugAssign) -> None:
        given = self.use(node.value)
        target = node.target
        if isinstance(target, ast.Name):
            things = self.load(target.id)
            self.read(things)
            if not things:
                self.store(target.id, frozenset({self.fresh(Kind.OTHER)}) if given else NOTHING)
                return
            self.change(things)
            for thing in things:
                if thing.kind is Kind.CONTAINER:
                    thing.parts |= self.elements(given)
            self.effect.writes.add(("name", target.id, ""))
            return
        keys = constant_keys(target.slice, target.value) if isinstance(target, ast.Subscript) else None
        owners = self.look(target.value)
        self.read(owners, [target.attr] if isinstance(target, ast.Attribute) else keys)
        things = self.look(target)
        self.change(one for one in things if one not in owners)  # a list or an array goes on being the same
        for thing in things:
            if thing.kind is Kind.CONTAINER:
                thing.parts |= self.elements(given) - {thing}
        self.assign(target, things | given)

    def _do_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.drop(target.id)
            elif isinstance(target, ast.Attribute):
                self.change(self.look(target.value), target.attr)
            elif isinstance(target, ast.Subscript):
                self.use(target.slice)
                self.change(self.look(target.value))

    def _do_return(self, node: ast.Return) -> None:
        things = self.look(node.value)
        if self.scope is not None:
            self.scope.returned |= things

    def _do_global(self, node: ast.Global) -> None:
        if self.scope is not None:
            self.scope.outer |= set(node.names)

    def _do_nonlocal(self, node: ast.Nonlocal) -> None:
        if self.scope is not None:
            self.scope.inner |= set(node.names)

    def _do_typealias(self, node: Any) -> None:
        self.store(node.name.id, NOTHING)

    # ------------------------------------------------------------ branches and loops

    def _do_if(self, node: ast.If) -> None:
        self.use(node.test)
        first = self.branch(lambda: self.run_body(node.body), leaves=_leaves(node.body))
        second = self.branch(lambda: self.run_body(node.orelse), leaves=_leaves(node.orelse))
        self.certain |= first & second

    def _do_match(self, node: ast.Match) -> None:
        subject = self.use(node.subject)

        def case(one: ast.match_case) -> None:
            for part in ast.walk(one.pattern):
                for name in (getattr(part, "name", None), getattr(part, "rest", None)):
                    if isinstance(name, str):
                        self.store(name, subject | self.elements(subject))
                if isinstance(part, ast.MatchValue):
                    self.use(part.value)
                if isinstance(part, ast.MatchClass):
                    self.look(part.cls)
            self.use(one.guard)
            self.run_body(one.body)

        for one in node.cases:
            self.branch(lambda one=one: case(one), leaves=_leaves(one.body))  # type: ignore[misc]

    def _do_for(self, node: ast.For | ast.AsyncFor) -> None:
        def turn() -> None:
            self.iterate(node.target, node.iter)
            self.run_body(node.body)

        self._repeat(turn, node.body)
        self.branch(lambda: self.run_body(node.orelse))

    _do_asyncfor = _do_for

    def _do_while(self, node: ast.While) -> None:
        def turn() -> None:
            self.use(node.test)
            self.run_body(node.body)

        self.use(node.test)
        self._repeat(turn, node.body)
        self.branch(lambda: self.run_body(node.orelse))

    def _repeat(self, turn: Callable[[], None], body: list[ast.stmt]) -> None:
        """A loop's body; twice at the outermost, for what one turn leaves to the next."""
        self._loops += 1
        leaves = _leaves(body)
        try:
            for _ in range(2 if self._loops == 1 else 1):
                self.branch(turn, leaves=leaves)
        finally:
            self._loops -= 1

    def _do_with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            things = self.use(item.context_expr)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, things or frozenset({self.fresh()}))
        if any("suppress" in ast.unparse(item.context_expr) for item in node.items):
            self.branch(lambda: self.run_body(node.body))
        else:
            self.run_body(node.body)

    _do_asyncwith = _do_with

    def _do_try(self, node: ast.Try) -> None:
        outcomes = [self.branch(lambda: self.run_body([*node.body, *node.orelse]))]
        for handler in node.handlers:
            bound = self.branch(lambda handler=handler: self._handle(handler))  # type: ignore[misc]
            if not (handler.body and isinstance(handler.body[-1], ast.Raise)):
                outcomes.append(bound)
        self.certain |= set.intersection(*outcomes)
        self.run_body(node.finalbody)

    _do_trystar = _do_try

    def _handle(self, handler: ast.ExceptHandler) -> None:
        self.use(handler.type)
        if handler.name:
            self.store(handler.name, NOTHING)
        self.run_body(handler.body)

    # ------------------------------------------------------------ definitions

    def _do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        made: Things = frozenset({self.function(node)})
        for decorator in reversed(node.decorator_list):
            made = self._decorated_by(decorator, made)
        self.store(node.name, made)

    _do_asyncfunctiondef = _do_functiondef

    def _decorated_by(self, decorator: ast.expr, made: Things) -> Things:
        callees = self.look(decorator)
        self.read(callees)
        call = ast.Call(func=decorator, args=[], keywords=[])
        found: set[Thing] = set()
        for callee in callees:
            if callee.kind is Kind.FUNCTION:
                found |= self.invoke(callee, [made], {})
                if isinstance(getattr(decorator, "func", decorator), ast.Attribute):  # @function.register
                    self.change([callee])
                    callee.parts |= made
            elif callee.kind in {Kind.CLASS, Kind.INSTANCE}:
                found |= {*self.call(callee, call, [made], {}), *made}
            else:  # a library's: what it returns calls the function
                found |= made
                if callee.path.startswith("ipywidgets."):
                    self.warn("It shows what widgets were set to, which is not kept.")
                    self._escape([made])
        return frozenset(found) or made

    def _do_classdef(self, node: ast.ClassDef) -> None:
        bases = frozenset(thing for base in node.bases for thing in self.use(base))
        for keyword in node.keywords:
            self.use(keyword.value)
        made = self.fresh(Kind.CLASS, node=node, bases=tuple(bases))
        before, self.scope = self.scope, Scope(self.scope, is_class=True)
        try:
            self.run_body(node.body)
            for name, things in self.scope.names.items():
                made.slots[name] = set(things)
        finally:
            self.scope = before
        for decorator in node.decorator_list:
            self.use(decorator)
            self._registered(decorator, made)
        self.store(node.name, frozenset({made}))

    def _registered(self, decorator: ast.expr, made: Thing) -> None:
        """`@register_dataframe_accessor("name")`"""
        if not (isinstance(decorator, ast.Call) and decorator.args and isinstance(decorator.args[0], ast.Constant)):
            return
        if any(one.kind is Kind.LIBRARY and ".register_" in one.path for one in self.look(decorator.func)):
            self._touch_class(made)
            self.extend_library(str(decorator.args[0].value), frozenset({made}))

    # ------------------------------------------------------------ imports

    def _do_import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            path = alias.name if alias.asname else root
            self._imported(alias.name, [alias.asname or root])
            self.store(alias.asname or root, frozenset({self.package(path)}))

    def _do_importfrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        names = [alias.asname or alias.name for alias in node.names]
        self._imported(module, names)
        for alias, name in zip(node.names, names, strict=True):
            if alias.name == "*":
                self._star(module)
            else:
                self.store(name, frozenset({self.package(f"{module}.{alias.name}")}))

    def _star(self, module: str) -> None:
        self.effect.writes.add(STAR)
        self.stars.append(module)
        for name in self.bound_names:
            self.store(name, frozenset({self.package(f"{module}.{name}")}))
        self.certain -= set(self.bound_names)  # another module of the same cell may have brought them

    def _imported(self, module: str, names: Iterable[str]) -> None:
        self.effect.reads |= {IMPORTS, ("file", f"{module.replace('.', '/')}.py", "")}
        root = module.partition(".")[0]
        if root == "seaborn":
            self.effect.writes.add(COLOUR_MAPS)
        if "experimental" in module or module == "__future__":
            self.effect.writes.add((SIDE_EFFECTS, module, ""))
        elif root not in tables.QUIET_IMPORTS and module:  # perhaps it is there for what it does: nobody uses its names
            self.effect.writes.add((SIDE_EFFECTS, module, " ".join(names)))


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether a block may be left before its end."""
    ways = (ast.Break, ast.Continue, ast.Return)
    return any(isinstance(part, ways) for statement in body for part in ast.walk(statement))
