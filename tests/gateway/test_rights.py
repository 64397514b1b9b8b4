"""Every route asks for its right and for no other, and shows only the connections that the key may see."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adapters.registry import load_all
from gateway.api.routers import GUARDED
from gateway.app import create_app
from gateway.callers import hash_key
from gateway.settings import AuditSettings, CallerSettings, PassthroughSettings, ServerSettings
from gateway.settings.values import Right
from tests.cache.reading import Clock
from tests.gateway.in_process import InProcess, Reply, started
from tests.gateway.test_ways import LASTING
from tests.house import House, settings_for

ALL_BUT = {right: f"key-without-{right.value}" for right in Right}
EVERYTHING = "key-with-every-right"
NARROW = "key-for-one-connection"

READS = (
    *("list_workflows", "list_connection_workflows", "get_workflow", "get_native_workflow"),
    *("get_workflow_graph", "list_versions", "get_workflow_version", "list_labels", "get_label"),
    *("get_assistant_workflow", "get_connection"),
)
WRITES = (
    *("create_workflow", "update_workflow", "delete_workflow", "create_version", "update_version"),
    *("set_label", "update_assistant_workflow", "detach_assistant_workflow"),
    *("promote_to_assistant", "convert_assistant"),
)
NEEDED: dict[str, Right | None] = {
    **dict.fromkeys(READS, Right.READ),
    **dict.fromkeys(WRITES, Right.WRITE),
    **dict.fromkeys(("start_run", "get_run", "follow_run", "cancel_run"), Right.RUN),
    **dict.fromkeys(("get_cache", "purge_cache", "get_configuration", "reload_configuration"), Right.ADMIN),
    **dict.fromkeys(("list_vendors", "get_vendor", "list_connections", "get_metrics"), None),
}
"""What each operation asks for; None where any key will do."""


class Operation(NamedTuple):
    """An operation as it is asked."""

    name: str
    method: str
    target: str


def operations() -> list[Operation]:
    found = []
    for router in GUARDED:
        for route in router.routes:
            path = re.sub(r"\{connection\}", "noxus-test", route.path)  # type: ignore[attr-defined]
            target = re.sub(r"\{[a-z]+\}", "any", path)
            (method,) = route.methods  # type: ignore[attr-defined]
            found.append(Operation(str(route.operation_id), method, target))  # type: ignore[attr-defined]
    passed = "/passthrough/noxus-test/v1/any"
    return [*found, Operation("passthrough", "GET", passed), Operation("passthrough", "POST", passed)]


def needed(operation: Operation) -> Right | None:
    return Right.PASSTHROUGH if operation.name == "passthrough" else NEEDED[operation.name]


def caller(name: str, key: str, rights: tuple[Right, ...], connections: Any = "all") -> CallerSettings:
    return CallerSettings(name=name, key_hashes=(hash_key(key),), rights=rights, connections=connections)


@pytest.fixture
async def gateway(house: House, tmp_path: Path) -> AsyncIterator[tuple[InProcess, Path]]:
    settings, secrets = settings_for(house.emulators, LASTING, hasty=False)
    callers = [
        caller(f"without-{right.value}", key, tuple(each for each in Right if each is not right))
        for right, key in ALL_BUT.items()
    ]
    callers.append(caller("everything", EVERYTHING, tuple(Right)))
    callers.append(caller("narrow", NARROW, tuple(Right), ("noxus-test",)))
    passed = PassthroughSettings(enabled=True)
    settings = settings.model_copy(
        update={
            "source": tmp_path / "test.yaml",
            "callers": tuple(callers),
            "connections": {
                name: each.model_copy(update={"passthrough": passed})
                for name, each in settings.connections.items()
            },
            "server": ServerSettings(log_level="error", audit=AuditSettings(file="audit.log")),
        }
    )
    clock = Clock(1_800_000_000.0)
    async with started(create_app(settings, load_all(), secrets, clock), clock) as running:
        yield running, tmp_path / "audit.log"


def problem_of(reply: Reply) -> str | None:
    try:
        found = json.loads(reply.body)
    except ValueError:
        return None
    return found.get("code") if isinstance(found, dict) else None


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_operation_is_in_the_table() -> None:
    assert {each.name for each in operations()} == {*NEEDED, "passthrough"}


@pytest.mark.parametrize("operation", operations(), ids=lambda each: f"{each.name}-{each.method}")
async def test_without_its_right_an_operation_is_denied_and_that_is_written_down(
    gateway: tuple[InProcess, Path], operation: Operation
) -> None:
    running, audit = gateway
    right = needed(operation)
    if right is None:
        for key in ALL_BUT.values():
            assert (await running.ask(operation.target, method=operation.method, key=key)).status in (
                200,
                404,
            )
        return
    body = {} if operation.method in ("POST", "PUT", "PATCH") else None
    denied = await running.ask(operation.target, method=operation.method, key=ALL_BUT[right], body=body)
    assert (denied.status, problem_of(denied)) == (403, "not_allowed")
    (line,) = lines(audit)
    assert (line["outcome"], line["caller"], line["problem"]) == (
        "denied",
        f"without-{right.value}",
        "not_allowed",
    )
    assert (line["method"], line["path"], line["status"]) == (operation.method, operation.target, 403)
    assert line["route"] == operation.name


@pytest.mark.parametrize("operation", operations(), ids=lambda each: f"{each.name}-{each.method}")
async def test_an_operation_asks_for_no_other_right(
    gateway: tuple[InProcess, Path], operation: Operation
) -> None:
    running, _ = gateway
    body = {} if operation.method in ("POST", "PUT", "PATCH") else None
    for right, key in ALL_BUT.items():
        if right is not needed(operation):
            reply = await running.ask(operation.target, method=operation.method, key=key, body=body)
            assert problem_of(reply) not in ("not_allowed", "not_authenticated")


@pytest.mark.parametrize(
    "operation",
    [each for each in operations() if "noxus-test" in each.target],
    ids=lambda each: f"{each.name}-{each.method}",
)
async def test_a_connection_that_a_key_may_not_see_is_not_there_and_asking_is_written_down(
    gateway: tuple[InProcess, Path], operation: Operation
) -> None:
    running, audit = gateway
    body = {} if operation.method in ("POST", "PUT", "PATCH") else None

    async def ask(connection: str) -> Reply:
        target = operation.target.replace("noxus-test", connection)
        return await running.ask(target, method=operation.method, key=NARROW, body=body)

    hidden, missing = await ask("promptlayer-test"), await ask("no-such-connection")
    assert (hidden.status, problem_of(hidden)) == (404, "unknown_connection")
    assert hidden.body.replace(b"promptlayer-test", b"no-such-connection") == missing.body
    found = lines(audit)
    assert [line["problem"] for line in found][:1] == ["unknown_connection"]
    assert found[0]["outcome"] == "denied"


async def test_nothing_that_is_listed_names_a_hidden_connection(gateway: tuple[InProcess, Path]) -> None:
    running, _ = gateway
    for target in (
        *("/v1/connections", "/v1/workflows?limit=200", "/metrics", "/v1/workflows?vendor=promptlayer"),
        "/v1/workflows?connection=noxus-test",
    ):
        await running.ask(target, key=EVERYTHING)
        told = (await running.ask(target, key=NARROW)).body
        assert b"noxus-test" in told or b"promptlayer" in target.encode()
        assert b"promptlayer-test" not in told
        assert b"aitronos-test" not in told


async def test_the_cache_of_a_hidden_connection_cannot_be_purged(gateway: tuple[InProcess, Path]) -> None:
    running, audit = gateway
    reply = await running.ask("/v1/admin/cache?connection=promptlayer-test", method="DELETE", key=NARROW)
    assert problem_of(reply) == "unknown_connection"
    assert lines(audit)[0]["outcome"] == "denied"
