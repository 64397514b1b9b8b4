"""What files say and how long they are."""

import ast
import re
from collections.abc import Iterable
from typing import Final

from tests.architecture.source import PACKAGES, Breach, House, Module, breach, is_plumbing

MOST_LINES: Final = 400
MOST_FUNCTION_LINES: Final = 45
MOST_PARAMETERS: Final = 6
LEFTOVERS: Final = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b")
DISTRIBUTION: Final = "workflow-gateway"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def core_names_no_vendor(module: Module, house: House) -> Iterable[Breach]:
    """Outside its own folder no vendor is named in code; docstrings and comments may."""
    if not is_plumbing(module, house):
        return
    docstrings = set(_docstrings(module.tree))
    for node in ast.walk(module.tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)) or id(node) in docstrings:
            continue
        if node.value.strip().lower() in house.words:
            yield breach("core names no vendor", module, node, repr(node.value))


def files_are_short(module: Module, _: House) -> Iterable[Breach]:
    """A file can be read in one go."""
    lines = len(module.text.splitlines())
    if lines > MOST_LINES:
        yield breach("files are short", module, None, f"{lines} lines, at most {MOST_LINES}")


def functions_are_short(module: Module, _: House) -> Iterable[Breach]:
    """A function fits a screen."""
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_FUNCTION_LINES:
                what = f"{node.name} has {lines} lines, at most {MOST_FUNCTION_LINES}"
                yield breach("functions are short", module, node, what)


def functions_take_little(module: Module, _: House) -> Iterable[Breach]:
    """A function takes few parameters, `self` and `cls` not counted."""
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            names = [argument.arg for argument in taken if argument.arg not in ("self", "cls")]
            if len(names) > MOST_PARAMETERS:
                what = f"{node.name} takes {len(names)} parameters, at most {MOST_PARAMETERS}"
                yield breach("functions take little", module, node, what)


def nothing_is_left_over(module: Module, _: House) -> Iterable[Breach]:
    """What is still to be done is done, or is an issue; it is no comment."""
    for number, line in enumerate(module.text.splitlines(), 1):
        found = LEFTOVERS.search(line)
        if found:
            yield Breach("nothing is left over", f"{module.path}:{number}", found[0])


def packages_say_whose_they_are(module: Module, _: House) -> Iterable[Breach]:
    """Each top-level package says which distribution it belongs to, since others use the same names."""
    if module.name not in PACKAGES:
        return
    said = [
        node.value.value
        for node in module.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Constant)
        and "DISTRIBUTION" in ast.unparse(node).split("=")[0]
    ]
    if said != [DISTRIBUTION]:
        what = f'{module.name} must hold DISTRIBUTION = "{DISTRIBUTION}"'
        yield breach("packages say whose they are", module, None, what)


def _docstrings(tree: ast.AST) -> Iterable[int]:
    """Yield the identities of all texts that stand alone: docstrings of modules, classes, functions, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)
