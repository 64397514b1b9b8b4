"""What answers tell browsers: nothing in them may act, and only pages that the configuration names may read them."""

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.registry import load_all
from gateway.app import create_app
from gateway.callers import hash_key
from gateway.security_headers import SECURITY, page_policy, secured
from gateway.settings import (
    CallerSettings,
    ConfigInvalid,
    CorsSettings,
    PassthroughSettings,
    ServerSettings,
    load,
)
from gateway.settings.values import Right
from tests.cache.reading import Clock
from tests.gateway.in_process import InProcess, Reply, started
from tests.gateway.settings_helpers import MINIMAL, refusals, vendors, write
from tests.gateway.test_ways import LASTING, LONG_WAY
from tests.house import KEY, House, settings_for

PAGE = "https://app.example.com"
WORKFLOWS = "/v1/connections/noxus-test/workflows"


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[InProcess]:
    settings, secrets = settings_for(house.emulators, LASTING, hasty=False)
    changes = {
        "server": ServerSettings(
            log_level="error", cors=CorsSettings(origins=(PAGE, "http://localhost:3000"))
        ),
        "callers": (CallerSettings(name="all", key_hashes=(hash_key(KEY),), rights=tuple(Right)),),
        "connections": {
            name: each.model_copy(update={"passthrough": PassthroughSettings(enabled=True)})
            for name, each in settings.connections.items()
        },
    }
    clock = Clock(1_800_000_000.0)
    app = create_app(settings.model_copy(update=changes), load_all(), secrets, clock)
    async with started(app, clock) as running:
        yield running


def policy_of(reply: Reply) -> str:
    return str(reply.header("content-security-policy"))


async def test_every_answer_says_that_nothing_in_it_may_act(gateway: InProcess) -> None:
    await gateway.ask(WORKFLOWS)
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", WORKFLOWS, {}),
        ("HEAD", WORKFLOWS, {}),
        ("GET", "/v1/nothing", {}),
        ("GET", "/v1/vendors", {"key": "nobody's"}),
        ("POST", WORKFLOWS, {"body": b"{"}),
        ("DELETE", "/v1/admin/cache?all=true", {}),
        ("GET", "/healthz", {}),
        ("GET", "/openapi.json", {}),
        ("GET", "/docs/assets/swagger-ui.css", {}),
        ("GET", "/metrics", {}),
        ("GET", "/passthrough/noxus-test/v1/workflows", {}),
        ("GET", "/passthrough/noxus-test/v1/nothing", {}),
    ]
    for method, target, more in asked:
        for headers in ((), LONG_WAY):
            reply = await gateway.ask(target, *headers, method=method, **more)
            for name, value in SECURITY:
                assert reply.header(name.decode()) == value.decode(), (method, target)


async def test_a_304_says_so_too(gateway: InProcess) -> None:
    tag = (await gateway.ask(WORKFLOWS)).header("etag")
    reply = await gateway.ask(WORKFLOWS, ("if-none-match", str(tag)))
    assert reply.status == 304
    assert set(SECURITY) <= set(reply.head)


async def test_the_docs_page_runs_its_own_scripts_and_nobody_else_s(gateway: InProcess) -> None:
    page = await gateway.ask("/docs")
    policy = policy_of(page)
    (script,) = re.findall(rb"<script>(.*?)</script>", page.body, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert policy.count("unsafe-inline") == 1  # of styles
    for address in re.findall(rb'(?:src|href|url)[=:] ?["\']([^"\']+)', page.body):
        assert address.startswith(b"/"), address
    for header in ("x-content-type-options", "referrer-policy"):
        assert page.header(header) is not None


def test_what_is_there_already_is_not_said_twice() -> None:
    own = [(b"content-security-policy", b"default-src 'self'")]
    found = secured(own)
    assert found[0] == own[0]
    assert sorted(name for name, _ in found) == sorted(name for name, _ in SECURITY)


def test_a_page_without_scripts_allows_none() -> None:
    assert "script-src 'self';" in page_policy(b"<p>hello</p>")


@pytest.mark.parametrize(
    "name", ["content-security-policy", "x-content-type-options", "access-control-allow-origin"]
)
def test_a_vendor_s_own_are_never_passed_on(name: str, tmp_path: Path) -> None:
    text = MINIMAL + f"    passthrough: {{headers: [{name}]}}\n"
    (refusal,) = refusals(tmp_path, text)
    assert "never passed on" in refusal


async def test_a_page_is_told_beforehand_that_it_may_call_without_a_key(gateway: InProcess) -> None:
    for target in (WORKFLOWS, "/passthrough/noxus-test/v1/workflows", "/healthz"):
        reply = await gateway.ask(
            target,
            ("origin", PAGE),
            ("access-control-request-method", "PATCH"),
            ("access-control-request-headers", "x-api-key, if-match"),
            method="OPTIONS",
            key="",
        )
        assert reply.status == 200
        assert reply.header("access-control-allow-origin") == PAGE
        assert reply.header("access-control-allow-headers") == "x-api-key, if-match"
        assert "PATCH" in str(reply.header("access-control-allow-methods"))
        assert reply.header("access-control-max-age") == "600"
        assert reply.header("access-control-allow-credentials") is None
        assert reply.header("x-request-id") is not None


async def test_a_page_may_read_hits_misses_and_problems(gateway: InProcess) -> None:
    await gateway.ask(WORKFLOWS)
    for target, key in (
        (WORKFLOWS, KEY),
        ("/v1/vendors", KEY),
        (WORKFLOWS, "nobody's"),
        ("/v1/nothing", KEY),
    ):
        reply = await gateway.ask(target, ("origin", PAGE), key=key)
        assert reply.header("access-control-allow-origin") == PAGE
        assert "ETag" in str(reply.header("access-control-expose-headers"))
        assert "origin" in str(reply.header("vary")).lower()
    hit = await gateway.ask(WORKFLOWS, ("origin", PAGE))
    assert "hit" in str(hit.header("cache-status"))


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "https://app.example.com.evil.example", "null", "http://app.example.com"],
)
async def test_any_other_page_is_told_nothing(gateway: InProcess, origin: str) -> None:
    await gateway.ask(WORKFLOWS)
    reply = await gateway.ask(WORKFLOWS, ("origin", origin))
    assert reply.status == 200
    assert not [name for name, _ in reply.head if name.startswith(b"access-control-")]
    asked = await gateway.ask(
        WORKFLOWS,
        ("origin", origin),
        ("access-control-request-method", "GET"),
        method="OPTIONS",
        key="",
    )
    assert (asked.status, json.loads(asked.body)["code"]) == (401, "not_authenticated")
    assert not [name for name, _ in asked.head if name.startswith(b"access-control-")]


async def test_without_origins_nothing_is_said_of_pages(house: House) -> None:
    settings, secrets = settings_for(house.emulators, LASTING, hasty=False)
    clock = Clock(1_800_000_000.0)
    async with started(create_app(settings, load_all(), secrets, clock), clock) as running:
        await running.ask(WORKFLOWS)
        reply = await running.ask(WORKFLOWS, ("origin", PAGE))
    assert not [name for name, _ in reply.head if name.startswith(b"access-control-")]


CALLER = f"callers: [{{name: a, key_hashes: [{hash_key('a')}]}}]\n"


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "app.example.com", "https://app.example.com/", "https://app.example.com/page"),
        *("https://App.example.com", "https://app.example.com:443", "ftp://app.example.com", "https://"),
        *("https://user@app.example.com", "https://app.example.com?x", "https://*.example.com"),
        *("https://app.example.com#x", "https://[::1", "https://app.example.com:99999", "https:// app.com"),
    ],
)
def test_what_no_browser_sends_is_no_origin(origin: str, tmp_path: Path) -> None:
    (refusal,) = refusals(tmp_path, f"{CALLER}server: {{cors: {{origins: ['{origin}']}}}}\n{MINIMAL}")
    assert "server.cors.origins[0]" in refusal


@pytest.mark.parametrize("origin", [PAGE, "http://localhost:3000", "https://[::1]:8443", "https://10.0.0.7"])
def test_an_origin_as_browsers_send_it(origin: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"{CALLER}server: {{cors: {{origins: ['{origin}']}}}}\n{MINIMAL}")
    assert load(path, vendors()).server.cors.origins == (origin,)


def test_where_nobody_needs_a_key_only_pages_of_this_machine_may_call(tmp_path: Path) -> None:
    text = f"server: {{cors: {{origins: ['http://localhost:3000', '{PAGE}']}}}}\n{MINIMAL}"
    (refusal,) = refusals(tmp_path, text)
    assert "server.cors.origins[1]: without callers nobody needs a key" in refusal
    assert issubclass(ConfigInvalid, Exception)
