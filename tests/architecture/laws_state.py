"""No hidden state: nothing global that changes, nothing done at import, one reader of the environment."""

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from tests.architecture.source import Breach, House, Module, breach

READS_ENVIRONMENT: Final = "gateway.environment"
ENVIRONMENT: Final = frozenset({"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"})
DISPLAYS: Final = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTABLE: Final = frozenset(
    {
        *("list", "dict", "set", "bytearray", "deque", "defaultdict", "OrderedDict", "Counter", "ChainMap"),
        *("SimpleNamespace", "WeakKeyDictionary", "WeakValueDictionary", "WeakSet", "Queue", "SimpleQueue"),
        *("LRUCache", "TTLCache", "TLRUCache", "LFUCache", "FIFOCache", "RRCache", "Cache"),
        *("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Event", "Condition", "count", "cycle"),
    }
)
READ_ONLY: Final = frozenset(
    {
        "Mapping",
        "Sequence",
        "Collection",
        "Iterable",
        "Container",
        "AbstractSet",
        "Set",
        "Sized",
        "Reversible",
    }
)
"""Types that a type checker lets nobody write through."""


def one_reader_of_the_environment(module: Module, _: House) -> Iterable[Breach]:
    """Only `gateway.environment` looks at environment variables."""
    if module.name == READS_ENVIRONMENT:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            used = {node.attr} if _is_os(node.value) else set()
        elif isinstance(node, ast.ImportFrom):
            used = {alias.name for alias in node.names} if node.module == "os" else set()
        else:
            continue
        for name in sorted(used & ENVIRONMENT):
            yield breach("one reader of the environment", module, node, f"os.{name}")


def no_global(module: Module, _: House) -> Iterable[Breach]:
    """No function changes a name of its module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Global):
            yield breach("no global", module, node, ", ".join(node.names))


def no_mutable_at_module_level(module: Module, _: House) -> Iterable[Breach]:
    """A container at module level cannot be written to.

    Allowed: values that cannot change (tuple, frozenset, MappingProxyType), names annotated with a read-only type
    (`Mapping`, `Sequence`, ..., which mypy lets nobody write through), and `__all__`.
    """
    for node in _top_level(module.tree.body):
        if (
            isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
            and _is_mutable(node.value)
        ):
            names = [ast.unparse(target) for target in _targets(node)]
            annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
            if names != ["__all__"] and not _is_read_only(annotation):
                yield breach("no mutable at module level", module, node, ", ".join(names))


def nothing_happens_at_import(module: Module, _: House) -> Iterable[Breach]:
    """At module level there are definitions, and neither calls for their effect nor loops."""
    for node in _top_level(module.tree.body):
        called = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
        if called or isinstance(
            node, ast.For | ast.While | ast.With | ast.Delete | ast.AugAssign | ast.Assert
        ):
            yield breach("nothing happens at import", module, node, ast.unparse(node)[:60])


def _top_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run at import, but those of `if __name__ == "__main__"`."""
    for node in body:
        if isinstance(node, ast.If):
            if "__name__" not in ast.unparse(node.test):
                yield from _top_level([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            handled = [inner for handler in node.handlers for inner in handler.body]
            yield from _top_level([*node.body, *handled, *node.orelse, *node.finalbody])
        else:
            yield node


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _is_mutable(value: ast.expr) -> bool:
    if isinstance(value, ast.BinOp):
        return _is_mutable(value.left) or _is_mutable(value.right)
    return isinstance(value, DISPLAYS) or (isinstance(value, ast.Call) and _last_name(value.func) in MUTABLE)


def _is_read_only(annotation: ast.expr | None) -> bool:
    """Say whether the annotation, inside `Final[...]` or `ClassVar[...]`, is a read-only type."""
    if isinstance(annotation, ast.Subscript):
        name = _last_name(annotation.value)
        return _is_read_only(annotation.slice) if name in ("Final", "ClassVar") else name in READ_ONLY
    return annotation is not None and _last_name(annotation) in READ_ONLY


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _last_name(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_os(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("os", "posix")
