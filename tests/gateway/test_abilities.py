"""Every vendor over its emulator: what its matrix does not offer is answered with 501 and the matrix's reason."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.registry import load_all
from gateway.callers import hash_key
from gateway.settings import CallerSettings
from gateway.settings.values import Right
from schemas.support import Ability
from tests.gateway.in_process import InProcess, in_process
from tests.house import KEY, House

EVERYTHING = (CallerSettings(name="everything", key_hashes=(hash_key(KEY),), rights=tuple(Right)),)
FLOW, ASSISTANT = "/workflows/w1", "/assistants/as1"
ASKED: dict[Ability, tuple[str, str, Any]] = {
    Ability.LIST_WORKFLOWS: ("GET", "/workflows", None),
    Ability.GET_WORKFLOW: ("GET", FLOW, None),
    Ability.GET_VERSION: ("GET", FLOW + "?version=1", None),
    Ability.GET_LABEL: ("GET", FLOW + "?label=x", None),
    Ability.LIST_VERSIONS: ("GET", FLOW + "/versions", None),
    Ability.LIST_LABELS: ("GET", FLOW + "/labels", None),
    Ability.GET_ASSISTANT_WORKFLOW: ("GET", ASSISTANT + "/workflow", None),
    Ability.PROBE: ("GET", "?probe=true", None),
    Ability.CREATE_WORKFLOW: ("POST", "/workflows", {}),
    Ability.UPDATE_WORKFLOW: ("PATCH", FLOW, {}),
    Ability.DELETE_WORKFLOW: ("DELETE", FLOW, None),
    Ability.CREATE_VERSION: ("POST", FLOW + "/versions", {}),
    Ability.UPDATE_VERSION: ("PATCH", FLOW + "/versions/1", {}),
    Ability.SET_LABEL: ("PUT", FLOW + "/labels/x", {}),
    Ability.UPDATE_ASSISTANT_WORKFLOW: ("PATCH", ASSISTANT + "/workflow", {}),
    Ability.DETACH_ASSISTANT_WORKFLOW: ("DELETE", ASSISTANT + "/workflow", None),
    Ability.PROMOTE_TO_ASSISTANT: ("POST", FLOW + "/promote-to-assistant", {}),
    Ability.CONVERT_ASSISTANT: ("POST", ASSISTANT + "/convert-to-workflow", {}),
    Ability.START_RUN: ("POST", FLOW + "/runs", {}),
    Ability.GET_RUN: ("GET", FLOW + "/runs/r1", None),
    Ability.FOLLOW_RUN: ("GET", FLOW + "/runs/r1/events", None),
    Ability.CANCEL_RUN: ("POST", FLOW + "/runs/r1/cancel", None),
}


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[InProcess]:
    async with in_process(house, callers=EVERYTHING) as running:
        yield running


def test_every_ability_that_can_be_asked_for_has_a_route() -> None:
    # The last one is no request of a caller's: the gateway makes it by itself.
    assert set(Ability) - set(ASKED) == {Ability.CONDITIONAL_GET}


@pytest.mark.parametrize("vendor", sorted(load_all()))
async def test_what_a_vendor_lacks_is_answered_with_its_reason(
    house: House, gateway: InProcess, vendor: str
) -> None:
    if vendor not in house.emulators:
        pytest.skip("there is no emulator of this vendor")
    house.control(vendor, "DELETE", "requests")
    for ability, (method, path, body) in ASKED.items():
        support = load_all()[vendor].support[ability]
        if support.available:
            continue
        reply = await gateway.ask(f"/v1/connections/{vendor}-test{path}", method=method, body=body)
        told = json.loads(reply.body)
        assert (reply.status, told["code"]) == (501, "unsupported"), ability
        assert str(support.reason) in told["detail"], ability
    assert house.control(vendor, "GET", "requests") == []
