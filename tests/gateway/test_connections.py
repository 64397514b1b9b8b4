"""What a connection remembers and tells of its calls."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from adapters.contract import Http
from adapters.errors import (
    FieldFault,
    NotModified,
    VendorBusy,
    VendorMessage,
    VendorNotFound,
    VendorRefusedCredential,
    VendorSurprise,
    VendorUnreachable,
)
from adapters.masking import Mask
from adapters.registry import load_all
from adapters.transport import Transport
from gateway.cache.lifetimes import Lifetimes
from gateway.connections import Connection, Known
from gateway.settings import ConnectionSettings
from schemas.catalogue import HealthState
from tests.listening import heard

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _every_level() -> Iterator[None]:
    """Let every log line through; another test of this process may have set the level."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    yield
    structlog.configure(**before)


@pytest.fixture
def connection() -> Connection:
    vendor = load_all()["noxus"]
    http = Transport(vendor, "http://127.0.0.1:9", "secret-for-tests")
    settings = ConnectionSettings(vendor="noxus", credential="env:UNUSED")
    lifetimes = Lifetimes(settings.cache, 0.0, lambda: 0.0)
    hidden = Mask("secret-for-tests")
    return Connection(
        "c", vendor, settings, "http://127.0.0.1:9", http, "fp", lifetimes, lambda: NOW, hidden=hidden
    )


async def test_a_vendor_that_cannot_be_reached_is_logged_with_the_system_s_reason(
    connection: Connection,
) -> None:
    async def asked(http: Http) -> None:
        await http.get("v1", "workflows")

    with heard() as logs, pytest.raises(VendorUnreachable):
        await connection.call(asked)
    line = next(line for line in logs if line["event"] == "vendor call failed")
    assert (line["problem"], line["reason"]) == ("vendor_unreachable", "Connection refused")
    assert not {"vendor_status", "vendor_request_id"} & line.keys()


async def test_a_failure_is_logged_and_remembered(connection: Connection) -> None:
    error = VendorRefusedCredential("Noxus answered 401", status=401, said=VendorMessage(request_id="req-7"))

    async def refused(_: Http) -> None:
        raise error

    with heard() as logs, pytest.raises(VendorRefusedCredential):
        await connection.call(refused)
    (line,) = logs
    assert "reason" not in line
    assert (line["log_level"], line["event"], line["connection"]) == ("warning", "vendor call failed", "c")
    assert (line["problem"], line["vendor_status"], line["vendor_request_id"]) == (
        "vendor_refused_credential",
        401,
        "req-7",
    )
    health = connection.describe().health
    assert (health.state, health.consecutive_failures, health.last_failure_at) == (
        HealthState.FAILING,
        1,
        NOW,
    )
    assert "secret-for-tests" not in json.dumps(logs, default=str)


async def test_who_reads_the_log_or_the_health_is_not_told_the_vendors_words(connection: Connection) -> None:
    said = VendorMessage("no: what somebody wrote", "what somebody wrote", (FieldFault("a", "wrote"),))
    error = VendorSurprise("it says: no: what somebody wrote", status=200, said=said, plain="it says no")

    async def failed(_: Http) -> None:
        raise error

    with heard() as logs, pytest.raises(VendorSurprise, match="what somebody wrote"):
        await connection.call(failed)
    found = connection.describe().health.last_problem
    assert found is not None
    assert (found.detail, found.vendor_code, found.errors) == ("it says no", None, ())
    assert "wrote" not in json.dumps(logs, default=str)


async def test_errors_that_a_vendors_folder_makes_of_an_answer_hold_no_credential(
    connection: Connection,
) -> None:
    async def failed(_: Http) -> None:
        raise VendorSurprise("it says: Secret-For-Tests", said=VendorMessage("secret%2Dfor-tests"))

    with pytest.raises(VendorSurprise) as caught:
        await connection.call(failed)
    assert str(caught.value) == "it says: ********"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (VendorNotFound("no", status=404), HealthState.HEALTHY),
        (NotModified("nothing newer", {}), HealthState.HEALTHY),
        (VendorBusy("full"), HealthState.UNKNOWN),
    ],
)
async def test_a_no_is_no_failure(connection: Connection, error: Exception, state: HealthState) -> None:
    async def says_no(_: Http) -> None:
        raise error

    with heard() as logs, pytest.raises(type(error)):
        await connection.call(says_no)
    assert logs == []
    assert connection.describe().health.state is state


async def test_what_is_known_makes_the_call_conditional(connection: Connection) -> None:
    ways: list[Http] = []

    async def ask(http: Http) -> None:
        ways.append(http)

    await connection.call(ask)
    await connection.call(ask, Known({"etag": '"1"'}, b"{}"))
    assert [way is connection.http for way in ways] == [True, False]
