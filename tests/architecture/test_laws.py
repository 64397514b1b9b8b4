"""The laws themselves: each catches what it forbids, names it, and lets the rest pass."""

from typing import Final

import pytest

from tests.architecture import laws_imports, laws_state, laws_text
from tests.architecture.source import Breach, House, Law, folders, is_plumbing, parsed, vendor_of
from tests.architecture.test_house import LAWS

HOUSE: Final = House(
    vendors=frozenset({"acme", "zeta"}),
    emulated=frozenset({"acme", "zeta"}),
    words=frozenset({"acme", "acme cloud"}),
)

Case = tuple[Law, str, str]

CAUGHT: Final[tuple[Case, ...]] = (
    (laws_imports.layers, "schemas/x.py", "import adapters.errors"),
    (laws_imports.layers, "schemas/x.py", "from gateway import service"),
    (laws_imports.layers, "schemas/x.py", "def f():\n    from emulators.contract import Backend"),
    (laws_imports.layers, "adapters/x.py", "import gateway"),
    (laws_imports.layers, "adapters/acme/api.py", "from emulators import registry"),
    (laws_imports.layers, "emulators/x.py", "from schemas.graph import Graph"),
    (
        laws_imports.layers,
        "emulators/acme/x.py",
        "if TYPE_CHECKING:\n    from adapters.contract import Vendor",
    ),
    (laws_imports.layers, "adapters/x.py", "import importlib\nimportlib.import_module('gateway.app')"),
    (laws_imports.layers, "adapters/x.py", "__import__('gateway')"),
    (laws_imports.layers, "gateway/x.py", "from tests.house import House"),
    (laws_imports.vocabulary_is_small, "schemas/x.py", "import httpx"),
    (laws_imports.vocabulary_is_small, "schemas/x.py", "from starlette.responses import Response"),
    (laws_imports.vendors_stand_alone, "adapters/acme/api.py", "from adapters.zeta import VENDOR"),
    (laws_imports.vendors_stand_alone, "adapters/acme/api.py", "from adapters import zeta"),
    (laws_imports.vendors_stand_alone, "adapters/acme/api.py", "from ..zeta import mapping"),
    (laws_imports.vendors_stand_alone, "adapters/acme/__init__.py", "from .. import zeta"),
    (laws_imports.vendors_stand_alone, "adapters/registry.py", "import adapters.acme"),
    (laws_imports.vendors_stand_alone, "gateway/app.py", "from adapters.acme.mapping import parse"),
    (laws_imports.vendors_stand_alone, "gateway/app.py", "from adapters import acme"),
    (laws_imports.vendors_stand_alone, "emulators/acme/state.py", "from emulators.zeta.state import State"),
    (laws_imports.vendors_stand_alone, "gateway/demo.py", "import emulators.acme"),
    (laws_imports.emulators_are_for_demos, "gateway/app.py", "from emulators.registry import load"),
    (laws_imports.emulators_are_for_demos, "gateway/api/routes.py", "import emulators"),
    (laws_imports.few_modules_know_http, "adapters/acme/api.py", "import httpx"),
    (laws_imports.few_modules_know_http, "gateway/service.py", "from httpx import AsyncClient"),
    (laws_imports.imports_are_written_out, "gateway/app.py", "importlib.import_module(name)"),
    (laws_imports.imports_are_written_out, "gateway/app.py", "import_module(f'adapters.{name}')"),
    (laws_imports.imports_are_written_out, "gateway/app.py", "import_module(f'{name}.cli.x')"),
    (
        laws_state.one_reader_of_the_environment,
        "gateway/app.py",
        "import os\ndef f():\n    return os.environ",
    ),
    (laws_state.one_reader_of_the_environment, "adapters/x.py", "import os\nos.getenv('X')"),
    (laws_state.one_reader_of_the_environment, "emulators/x.py", "from os import environ"),
    (laws_state.one_reader_of_the_environment, "schemas/x.py", "from os import getenv as read"),
    (laws_state.no_global, "gateway/x.py", "def f():\n    global count\n    count = 1"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "CACHE = {}"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "CACHE: dict[str, int] = {}"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "CACHE: Final = {}"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "CACHE: Final[dict[str, int]] = {}"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "NAMES = ['a']"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "NAMES = ['a'] + OTHERS"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "NAMES = {name for name in 'ab'}"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "NAMES = dict[str, int]()"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "WAITING = collections.deque()"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "CACHE = cachetools.TTLCache(1, 2)"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "LOCK = asyncio.Lock()"),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "if X:\n    CACHE = {}"),
    (
        laws_state.no_mutable_at_module_level,
        "gateway/x.py",
        "try:\n    import x\nexcept ImportError:\n    CACHE = {}",
    ),
    (laws_state.nothing_happens_at_import, "gateway/x.py", "configure()"),
    (laws_state.nothing_happens_at_import, "gateway/x.py", "for name in NAMES:\n    pass"),
    (laws_state.nothing_happens_at_import, "gateway/x.py", "with open('x') as file:\n    TEXT = file.read()"),
    (laws_state.nothing_happens_at_import, "gateway/x.py", "NAMES += ('a',)"),
    (laws_text.core_names_no_vendor, "gateway/app.py", "if vendor == 'acme':\n    pass"),
    (laws_text.core_names_no_vendor, "schemas/x.py", "NAME = 'Acme Cloud'"),
    (laws_text.core_names_no_vendor, "adapters/registry.py", "match name:\n    case 'ACME':\n        pass"),
    (laws_text.core_names_no_vendor, "emulators/control.py", "PORTS = {'acme': 1}"),
    (laws_text.files_are_short, "gateway/x.py", "x = 1\n" * 401),
    (laws_text.functions_are_short, "gateway/x.py", "def f():\n" + "    x = 1\n" * 45),
    (
        laws_text.functions_are_short,
        "gateway/x.py",
        "class C:\n    async def f(self):\n" + "        x = 1\n" * 45,
    ),
    (laws_text.functions_take_little, "gateway/x.py", "def f(a, b, c, /, d, e, *, f, g): ..."),
    (laws_text.functions_take_little, "gateway/x.py", "class C:\n    def f(self, a, b, c, d, e, f, g): ..."),
    (laws_text.nothing_is_left_over, "gateway/x.py", "x = 1  # TOD" + "O: later"),
    (laws_text.nothing_is_left_over, "gateway/x.py", '"""FIXM' + 'E"""'),
    (laws_text.packages_say_whose_they_are, "schemas/__init__.py", ""),
    (laws_text.packages_say_whose_they_are, "schemas/__init__.py", "DISTRIBUTION = 'schemas'"),
)

LET_PASS: Final[tuple[Case, ...]] = (
    (laws_imports.layers, "gateway/x.py", "import schemas.graph, adapters.contract\nfrom gateway import app"),
    (
        laws_imports.layers,
        "adapters/acme/api.py",
        "from adapters.contract import Http\nfrom .mapping import parse",
    ),
    (laws_imports.layers, "emulators/acme/x.py", "from emulators.contract import Backend\nimport starlette"),
    (
        laws_imports.vocabulary_is_small,
        "schemas/x.py",
        "import json, orjson\nfrom pydantic import Field\nimport schemas",
    ),
    (laws_imports.vocabulary_is_small, "gateway/x.py", "import fastapi"),
    (
        laws_imports.vendors_stand_alone,
        "adapters/acme/api.py",
        "from adapters.acme import wire\nfrom . import graph",
    ),
    (laws_imports.vendors_stand_alone, "adapters/acme/api.py", "from adapters.evidence import Evidence"),
    (laws_imports.emulators_are_for_demos, "gateway/demo.py", "import emulators.registry"),
    (laws_imports.emulators_are_for_demos, "gateway/cli/running.py", "from emulators.server import server"),
    (laws_imports.emulators_are_for_demos, "emulators/x.py", "import emulators"),
    (laws_imports.few_modules_know_http, "adapters/transport.py", "import httpx"),
    (
        laws_imports.imports_are_written_out,
        "adapters/registry.py",
        "importlib.import_module(f'adapters.{name}')",
    ),
    (
        laws_imports.imports_are_written_out,
        "gateway/cli/root.py",
        "importlib.import_module(f'gateway.cli.{name}')",
    ),
    (laws_state.one_reader_of_the_environment, "gateway/environment.py", "import os\nX = os.environ"),
    (laws_state.one_reader_of_the_environment, "gateway/x.py", "import os\nos.path\nsettings.environ"),
    (
        laws_state.no_global,
        "gateway/x.py",
        "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2",
    ),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "__all__ = ['a']"),
    (
        laws_state.no_mutable_at_module_level,
        "gateway/x.py",
        "A = (1, 2)\nB = frozenset({1})\nC = MappingProxyType({})",
    ),
    (
        laws_state.no_mutable_at_module_level,
        "gateway/x.py",
        "A: Final[Mapping[str, int]] = {}\nB: Sequence[int] = []",
    ),
    (
        laws_state.no_mutable_at_module_level,
        "gateway/x.py",
        "A: Final[abc.Set[int]] = {1}\nB: Mapping[int, int] = {}",
    ),
    (
        laws_state.no_mutable_at_module_level,
        "gateway/x.py",
        "def f():\n    x = {}\nclass C:\n    fields: list[int]",
    ),
    (laws_state.no_mutable_at_module_level, "gateway/x.py", "if __name__ == '__main__':\n    names = []"),
    (
        laws_state.nothing_happens_at_import,
        "gateway/x.py",
        '"""Text."""\nX = f()\n"""What X is."""\ndef g(): f()',
    ),
    (laws_state.nothing_happens_at_import, "gateway/__main__.py", "if __name__ == '__main__':\n    main()"),
    (laws_text.core_names_no_vendor, "adapters/acme/__init__.py", "NAME = 'acme'"),
    (laws_text.core_names_no_vendor, "emulators/acme/seed.py", "NAME = 'acme'"),
    (laws_text.core_names_no_vendor, "gateway/x.py", "'''acme'''\ndef f():\n    'acme'\nX = 'acme of old'"),
    (laws_text.files_are_short, "gateway/x.py", "x = 1\n" * 400),
    (laws_text.functions_are_short, "gateway/x.py", "def f():\n" + "    x = 1\n" * 44),
    (
        laws_text.functions_take_little,
        "gateway/x.py",
        "class C:\n    def f(self, a, b, c, /, d, *, e, f): ...",
    ),
    (laws_text.nothing_is_left_over, "gateway/x.py", "todos = 1  # to do"),
    (laws_text.packages_say_whose_they_are, "schemas/__init__.py", 'DISTRIBUTION = "workflow-gateway"'),
    (
        laws_text.packages_say_whose_they_are,
        "schemas/__init__.py",
        'DISTRIBUTION: Final = "workflow-gateway"',
    ),
    (laws_text.packages_say_whose_they_are, "schemas/graph.py", ""),
)


def found_in(law: Law, path: str, text: str) -> list[Breach]:
    return list(law(parsed(text, path), HOUSE))


def case_name(value: object) -> str:
    return value.__name__ if callable(value) and hasattr(value, "__name__") else str(value)[:30]


@pytest.mark.parametrize(("law", "path", "text"), CAUGHT, ids=case_name)
def test_a_law_catches_and_names_the_culprit(law: Law, path: str, text: str) -> None:
    found = found_in(law, path, text)
    assert len(found) == 1
    assert found[0].where.split(":")[0] == path
    assert str(found[0]).startswith(f"{path}:")
    assert law.__name__.replace("_", " ").lower() == found[0].rule.lower()


@pytest.mark.parametrize(("law", "path", "text"), LET_PASS, ids=case_name)
def test_a_law_lets_the_rest_pass(law: Law, path: str, text: str) -> None:
    assert found_in(law, path, text) == []


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_every_law_has_both_kinds_of_case_and_says_what_it_is(law: Law) -> None:
    assert law in {case[0] for case in CAUGHT}
    assert law in {case[0] for case in LET_PASS}
    assert law.__doc__


def test_a_breach_says_where_what_and_why() -> None:
    (found,) = found_in(laws_imports.layers, "schemas/x.py", "\n\nimport gateway.app")
    assert str(found) == "schemas/x.py:3: layers: schemas may not import gateway.app"


def test_vendors_are_told_from_plumbing() -> None:
    assert vendor_of("adapters.acme.api", "adapters", HOUSE.vendors) == "acme"
    assert vendor_of("adapters.errors", "adapters", HOUSE.vendors) is None
    assert vendor_of("gateway.acme", "adapters", HOUSE.vendors) is None
    assert is_plumbing(parsed("", "adapters/__init__.py"), HOUSE)
    assert not is_plumbing(parsed("", "emulators/zeta/state.py"), HOUSE)
    assert folders("adapters").isdisjoint({"__pycache__", "transport"})
