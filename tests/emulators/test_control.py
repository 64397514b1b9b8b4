"""The emulators' own routes, their journal, the registry and the command line."""

import dataclasses
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

import emulators.aitronos
from emulators.__main__ import main
from emulators.contract import Backend, Emulator, EmulatorOptions, utc_now
from emulators.control import Journal
from emulators.faults import FAULTS
from emulators.registry import load, load_all, names

Connect = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
PATH = "/v1/workflows"
VARIANT = "upsert_200"


@pytest.fixture
async def api(in_process: Connect) -> AsyncIterator[httpx.AsyncClient]:
    emulator = load("aitronos")
    async with in_process(emulator) as client:
        client.headers["x-api-key"] = emulator.default_key
        yield client


async def seen(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    journal: list[dict[str, Any]] = (await api.get("/__emulator__/requests")).json()
    return journal


async def test_the_front_page_says_what_there_is(api: httpx.AsyncClient) -> None:
    emulator = load("aitronos")
    assert (await api.get("/__emulator__/")).json() == {
        "vendor": "aitronos",
        "title": "Aitronos",
        "variants": emulator.every_variant,
        "variants_on": [],
        "faults": dict(FAULTS),
        "rules": [],
    }


async def test_the_control_routes_need_no_key_and_leave_no_trace(api: httpx.AsyncClient) -> None:
    del api.headers["x-api-key"]
    assert (await api.get("/__emulator__/")).status_code == 200
    assert (await api.put("/__emulator__/faults", json=[{"fault": "status"}])).status_code == 200
    assert (await api.get("/__emulator__/")).status_code == 200
    assert await seen(api) == []


@pytest.mark.parametrize("path", ["/__emulator__/nothing", "/__emulator__x"])
async def test_what_is_no_control_route_is_not_found(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path)).status_code == 404


async def test_rules_are_replaced_shown_and_removed(api: httpx.AsyncClient) -> None:
    await api.put("/__emulator__/faults", json=[{"fault": "hang"}])
    answer = await api.put("/__emulator__/faults", json=[{"fault": "status", "status": 503, "times": 2}])
    assert [(rule["fault"], rule["status"], rule["times"]) for rule in answer.json()] == [("status", 503, 2)]
    await api.get(PATH)
    about = (await api.get("/__emulator__/")).json()
    assert [rule["times"] for rule in about["rules"]] == [1]
    assert (await api.delete("/__emulator__/faults")).json() == []
    assert (await api.get(PATH)).status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        b'[{"fault": "nonsense"}]',
        b'[{"fault": "hang", "often": true}]',
        b"[{}]",
        b"[1]",
        b"{",
        b'[{"fault": "hang", "times": "2"}]',
    ],
)
async def test_a_bad_rule_is_refused_and_the_old_ones_stay(api: httpx.AsyncClient, content: bytes) -> None:
    await api.put("/__emulator__/faults", json=[{"fault": "status", "status": 503}])
    response = await api.put("/__emulator__/faults", content=content)
    assert response.status_code == 400
    assert "fault" in response.json()["rule_keys"]
    assert (await api.get(PATH)).status_code == 503


async def test_variants_are_exactly_those_named(api: httpx.AsyncClient) -> None:
    assert (await api.put("/__emulator__/variants", json=[VARIANT, "delete_200"])).json() == [
        "delete_200",
        VARIANT,
    ]
    assert (await api.put("/__emulator__/variants", json=[VARIANT])).json() == [VARIANT]
    assert (await api.get("/__emulator__/")).json()["variants_on"] == [VARIANT]
    body = {"name": "U", "definition": {}, "external_id": "fp_u"}
    assert [(await api.post(PATH, json=body)).status_code for _ in range(2)] == [201, 200]
    assert (await api.put("/__emulator__/variants", json=[])).json() == []
    assert (await api.post(PATH, json=body)).status_code == 201


@pytest.mark.parametrize("content", [b'["nonsense"]', b'"delete_200"', b"1", b"{", b"[[]]", b'[1, "a"]'])
async def test_bad_variants_are_refused_and_the_old_ones_stay(api: httpx.AsyncClient, content: bytes) -> None:
    await api.put("/__emulator__/variants", json=[VARIANT])
    response = await api.put("/__emulator__/variants", content=content)
    assert response.status_code == 400
    assert response.json()["error"]
    assert (await api.get("/__emulator__/")).json()["variants_on"] == [VARIANT]


async def test_a_reset_puts_everything_back(in_process: Connect) -> None:
    emulator = load("aitronos")
    options = EmulatorOptions(api_key="k", variants=frozenset({VARIANT}))
    async with in_process(emulator, options) as client:
        client.headers["x-api-key"] = "k"
        before = (await client.get(PATH)).json()
        await client.post(PATH, json={"name": "New", "definition": {}})
        await client.put("/__emulator__/variants", json=["delete_200"])
        await client.put("/__emulator__/faults", json=[{"fault": "status"}])
        assert (await client.get(PATH)).status_code == 500
        assert (await client.post("/__emulator__/reset")).json() == {"reset": True}
        about = (await client.get("/__emulator__/")).json()
        assert (about["variants_on"], about["rules"], await seen(client)) == ([VARIANT], [], [])
        assert (await client.get(PATH)).json() == before


async def test_two_emulators_share_nothing(in_process: Connect) -> None:
    emulator = load("aitronos")
    async with in_process(emulator) as one, in_process(emulator) as other:
        for client in (one, other):
            client.headers["x-api-key"] = emulator.default_key
        total = (await other.get(PATH)).json()["total"]
        await one.post(PATH, json={"name": "Here only", "definition": {}})
        assert (await other.get(PATH)).json()["total"] == total
        assert len(await seen(one)) == 1


async def test_the_journal_keeps_method_raw_path_query_and_status(over_socket: Connect) -> None:
    emulator = load("aitronos")
    async with over_socket(emulator) as client:
        client.headers["x-api-key"] = emulator.default_key
        await client.get(f"{PATH}/a%2Fb%20c?x=%C3%BC&y=")
        await client.get(f"{PATH}/line%0Abreak")
        await client.post(PATH, json={})
        await client.put("/__emulator__/faults", json=[{"fault": "reset"}])
        with pytest.raises(httpx.ReadError):
            await client.delete(PATH)
        assert await seen(client) == [
            {"method": "GET", "path": f"{PATH}/a%2Fb%20c", "query": "x=%C3%BC&y=", "status": 404},
            {"method": "GET", "path": f"{PATH}/line%0Abreak", "query": "", "status": 404},
            {"method": "POST", "path": PATH, "query": "", "status": 422},
            {"method": "DELETE", "path": PATH, "query": "", "status": 0},
        ]
        assert (await client.delete("/__emulator__/requests")).json() == []
        assert await seen(client) == []


async def test_the_journal_forgets_the_oldest() -> None:
    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def quiet(*_: Any) -> Any:
        return None

    journal = Journal(inner, size=2)
    for number in range(3):
        scope = {"type": "http", "method": "GET", "path": f"/{number}", "query_string": b""}
        await journal(scope, quiet, quiet)
    await journal({"type": "lifespan"}, quiet, quiet)
    assert [(request.path, request.status) for request in journal.seen] == [("/1", 200), ("/2", 200)]


def test_the_registry_finds_emulators_by_their_folder() -> None:
    assert "aitronos" in names()
    assert names() == tuple(sorted(names()))
    assert load("aitronos") is emulators.aitronos.EMULATOR


def test_emulators_do_not_collide() -> None:
    every = load_all()
    assert tuple(every) == names()
    assert len({emulator.default_port for emulator in every.values()}) == len(every)
    assert len({emulator.default_key for emulator in every.values()}) == len(every)


@pytest.mark.parametrize("name", ["absent", "control", "", "..", "Aitronos"])
def test_an_unknown_emulator_is_told_with_those_there_are(name: str) -> None:
    with pytest.raises(LookupError, match="aitronos"):
        load(name)


@pytest.mark.parametrize("wrong", [None, "rename"])
def test_a_folder_without_a_fitting_emulator_is_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: str | None
) -> None:
    facts: Emulator = emulators.aitronos.EMULATOR
    replaced = wrong and dataclasses.replace(facts, name="other")
    monkeypatch.setattr(emulators.aitronos, "EMULATOR", replaced)
    with pytest.raises(TypeError, match="must be an Emulator named 'aitronos'"):
        load("aitronos")


def test_a_backend_must_say_what_it_is() -> None:
    backend = Backend(EmulatorOptions(api_key="k"))
    with pytest.raises(NotImplementedError):
        backend.application()
    with pytest.raises(NotImplementedError):
        backend.reset()
    with pytest.raises(NotImplementedError):
        backend.error_body(500)
    assert utc_now().utcoffset() is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "'nobody' is not one of 'aitronos', "),
        (["aitronos", "--variant", "nonsense"], "Aitronos has no variant nonsense; there are:"),
        (["aitronos", "--port", "x"], "'x' is not a valid integer range"),
    ],
)
def test_the_command_line_refuses_nonsense(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_a_taken_port_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as stopped:
            main(["aitronos", "--port", str(port)])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith(
        f"Error: cannot listen on 127.0.0.1 port {port}: Address already in use"
    )
