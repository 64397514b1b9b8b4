"""Who may import whom."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.architecture.source import PACKAGES, Breach, House, Module, breach, vendor_of

SCHEMAS_MAY_USE: Final = frozenset({"pydantic", "orjson", "typing_extensions"})
MAY_IMPORT_EMULATORS: Final = ("gateway.demo", "gateway.cli")
HTTP_LIBRARY: Final = frozenset({"httpx", "httptools", "websockets"})
KNOWS_HTTP: Final = (
    "adapters.transport",
    "adapters.composing",
    "adapters.pool",
    "adapters.outgoing",
    "adapters.websocket",
)
MAY_IMPORT_BY_NAME: Final = frozenset({"adapters.registry", "emulators.registry"})
LAYERS: Final = {
    "schemas": frozenset({"schemas"}),
    "adapters": frozenset({"adapters", "schemas"}),
    "emulators": frozenset({"emulators"}),
    "gateway": frozenset({"gateway", "adapters", "schemas", "emulators"}),
}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported thing, as a dotted name; None when the name is made at run time."""

    name: str | None
    node: ast.AST

    @property
    def top(self) -> str:
        return (self.name or "").split(".")[0]


def imports(module: Module) -> Iterator[Import]:
    """Yield everything a module imports, wherever in the file; `from a import b` is `a.b`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (Import(f"{_base(module, node)}.{alias.name}", node) for alias in node.names)
        elif isinstance(node, ast.Call) and _is_import_call(node.func):
            yield Import(_text(node.args[0]) if node.args else None, node)


def _text(node: ast.expr) -> str | None:
    """Return a written-out name; of a text with gaps the start, if that names a subpackage."""
    if isinstance(node, ast.JoinedStr) and node.values:
        start = _text(node.values[0]) or ""
        return f"{start}*" if start.count(".") > 1 else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, node.module] if node.module else above)


def _is_import_call(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return called.attr == "import_module"
    return isinstance(called, ast.Name) and called.id in ("import_module", "__import__")


def layers(module: Module, _: House) -> Iterable[Breach]:
    """A package imports only the packages below it; emulators and the rest never meet."""
    top = module.name.split(".")[0]
    for found in imports(module):
        if found.top in PACKAGES and found.top not in LAYERS[top]:
            yield breach("layers", module, found.node, f"{top} may not import {found.name}")
        if found.top in ("tests", "bench"):
            yield breach("layers", module, found.node, f"the product may not import {found.name}")


def vocabulary_is_small(module: Module, _: House) -> Iterable[Breach]:
    """The vocabulary needs the standard library and a few more."""
    if module.name.split(".")[0] != "schemas":
        return
    allowed = SCHEMAS_MAY_USE | sys.stdlib_module_names | set(PACKAGES)
    for found in imports(module):
        if found.name is not None and found.top not in allowed:
            yield breach("vocabulary is small", module, found.node, f"schemas may not import {found.name}")


def vendors_stand_alone(module: Module, house: House) -> Iterable[Breach]:
    """No vendor's folder imports another's, and nobody else imports a vendor's folder."""
    for package, vendors in (("adapters", house.vendors), ("emulators", house.emulated)):
        own = vendor_of(module.name, package, vendors)
        for found in imports(module):
            other = vendor_of(found.name or "", package, vendors)
            if other is not None and other != own:
                yield breach(
                    "vendors stand alone", module, found.node, f"{module.name} may not import {found.name}"
                )


def emulators_are_for_demos(module: Module, _: House) -> Iterable[Breach]:
    """In the gateway only the demo and the command line know that emulators exist."""
    if not module.name.startswith("gateway") or module.name.startswith(MAY_IMPORT_EMULATORS):
        return
    for found in imports(module):
        if found.top == "emulators":
            yield breach("emulators are for demos", module, found.node, f"{module.name} imports {found.name}")


def few_modules_know_http(module: Module, _: House) -> Iterable[Breach]:
    """The HTTP library stays a change of few files: the rules of a call, and what lies beneath."""
    if module.name in KNOWS_HTTP:
        return
    for found in imports(module):
        if found.top in HTTP_LIBRARY:
            only = ", ".join(KNOWS_HTTP)
            yield breach("few modules know HTTP", module, found.node, f"only {only} import {found.top}")


def imports_are_written_out(module: Module, _: House) -> Iterable[Breach]:
    """Names of modules made at run time would slip past the other laws.

    Allowed: the registries, and names in a subpackage that is written out (`f"gateway.cli.{name}"`).
    """
    if module.name in MAY_IMPORT_BY_NAME:
        return
    for found in imports(module):
        if found.name is None:
            yield breach("imports are written out", module, found.node, "the name is made at run time")
