"""PromptLayer emulator: whatever is sent, the answer is a documented one, and writes keep their rules."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from emulators.contract import EmulatorOptions
from emulators.promptlayer.graph import deep_merge
from emulators.registry import load

KEY = "pl_demo_promptlayer"

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
names = st.sampled_from(["a", "b", "c", "user_message", ""])
nodes = st.fixed_dictionaries(
    {},
    optional={
        "name": names | values,
        "node_type": st.sampled_from(["VARIABLE", "COUNT", "REGEX", "FOR_LOOP", "MATH_OPERATOR", "X"])
        | values,
        "configuration": st.dictionaries(
            st.sampled_from(["source", "sources", "value", "type", "regex_pattern", "iterator_source"]),
            values,
        )
        | values,
        "is_output_node": st.booleans() | values,
        "dependencies": st.lists(names, max_size=3) | values,
    },
)
edges = st.fixed_dictionaries(
    {},
    optional={
        "source_node_name": names,
        "target_node_name": names,
        "is_and": st.booleans(),
        "conditionals": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "position": st.integers(-1, 3),
                    "operator": st.sampled_from(["=", "in", "<", "not_in", "~"]),
                    "left_config": values,
                    "right_config": st.fixed_dictionaries(
                        {"type": st.just("static_value"), "static_value": values}
                    ),
                },
            ),
            max_size=2,
        )
        | values,
    },
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=6) | values,
        "workflow_id": st.sampled_from([4101, 4119, 1]) | values,
        "nodes": st.lists(nodes, max_size=3) | st.dictionaries(names, st.none() | nodes, max_size=3) | values,
        "edges": st.lists(edges, max_size=2) | values,
        "required_input_variables": st.dictionaries(names, st.just("string")) | values,
        "release_labels": st.lists(st.text(max_size=4), max_size=2) | values,
        "external_ids": values,
        "base_version": st.integers(0, 5) | values,
    },
)


def speak(conversation: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    async def main() -> None:
        backend = load("promptlayer").backend(EmulatorOptions(api_key=KEY))
        transport = httpx.ASGITransport(backend.application())
        async with httpx.AsyncClient(
            transport=transport, base_url="http://emulator", headers={"X-API-KEY": KEY}
        ) as client:
            await conversation(client)

    asyncio.run(main())


def sendable(body: object) -> bytes:
    return json.dumps(body).encode()


def check(answer: httpx.Response, success: int) -> None:
    assert answer.status_code in {success, 400, 404, 409, 422}, answer.text
    document = answer.json()
    assert document.get("success") is (answer.status_code == success) or "detail" in document


@given(bodies)
def test_any_creation_and_what_comes_of_it(body: dict[str, Any]) -> None:
    async def conversation(client: httpx.AsyncClient) -> None:
        answer = await client.post("/rest/workflows", content=sendable(body))
        check(answer, 201)
        if answer.status_code == 201:
            number = answer.json()["workflow_id"]
            read = (await client.get(f"/workflows/{number}")).json()
            assert [node["name"] for node in read["nodes"]] == [node["name"] for node in body["nodes"]]
            started = await client.post(f"/workflows/{number}/run", json={})
            assert started.status_code == 201
            query = {"workflow_version_execution_id": started.json()["workflow_version_execution_id"]}
            assert (await client.get("/workflow-version-execution-results", params=query)).status_code == 202

    speak(conversation)


@given(bodies, st.sampled_from([4101, 4108, 4120, 4121]))
def test_any_patch_leaves_earlier_versions_alone(body: dict[str, Any], number: int) -> None:
    async def conversation(client: httpx.AsyncClient) -> None:
        before = (await client.get(f"/workflows/{number}?version=1")).json()
        answer = await client.patch(f"/rest/workflows/{number}", content=sendable(body))
        check(answer, 201)
        after = (await client.get(f"/workflows/{number}?version=1")).json()
        del before["release_labels"], after["release_labels"]
        assert after == before

    speak(conversation)


@given(values)
def test_any_body_anywhere(body: object) -> None:
    async def conversation(client: httpx.AsyncClient) -> None:
        for path in ("/workflows/4101/run", "/workflows/4101/external-ids", "/api/public/v2/folders"):
            check(await client.post(path, content=sendable(body)), 201)
        for method in ("POST", "DELETE"):
            answer = await client.request(method, "/api/public/v2/folders/entities", content=sendable(body))
            assert answer.status_code in {200, 400, 404, 422}

    speak(conversation)


@given(st.text(min_size=1, max_size=40).filter(lambda name: not name.isdigit()))
def test_any_name_can_be_written_and_found_again(name: str) -> None:
    async def conversation(client: httpx.AsyncClient) -> None:
        node = {"name": "a", "node_type": "VARIABLE", "configuration": {}, "is_output_node": True}
        written = await client.post("/rest/workflows", json={"name": name, "nodes": [node]})
        assert written.status_code == 201
        # Dots alone would be resolved away by the client, so every byte is escaped.
        path = "".join(f"%{byte:02X}" for byte in name.encode())
        answer = await client.get(f"/workflows/{path}")
        assert answer.status_code == 200
        assert answer.json()["workflow_name"] == name

    speak(conversation)


@given(st.dictionaries(st.text(max_size=3), values), st.dictionaries(st.text(max_size=3), values))
def test_deep_merge_keeps_what_the_change_does_not_name(base: dict[str, Any], change: dict[str, Any]) -> None:
    merged = deep_merge(base, change)
    assert merged.keys() == base.keys() | change.keys()
    assert deep_merge(merged, change) == merged
    assert all(merged[key] == base[key] for key in base.keys() - change.keys())
    assert deep_merge(base, {}) == base
