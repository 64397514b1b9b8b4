"""Recognisable secrets are planted everywhere, everything is asked and broken, and none of them comes out.

What is planted stands in `installation`, `parrot`, `driving`, `campaign` and `crashing`; where it is looked for, and in
which forms, in `came_out` and `planted`. `MAY` says what may be where, and why.

Not looked at: the memory of the processes, core dumps, swap, packets on the network, and how long answers take. A form
that is not in `planted` is not found either, such as encryption or a secret taken apart into less than its halves.
"""

import contextlib
import json
import re
from dataclasses import dataclass
from typing import Final

import pytest

from tests.cache.redis_server import RedisServer
from tests.canary.campaign import SPOILT, Campaign
from tests.canary.collector import collecting
from tests.canary.commands import said_by_commands
from tests.canary.crashing import crash_at_the_start, crash_while_serving
from tests.canary.installation import CREDENTIAL_FORM, Installation, emulating
from tests.canary.parrot import HEADERS, WAYS, perched
from tests.canary.planted import May, Place, Planted, not_allowed
from tests.canary.watching import left_over

MAY: Final = (
    May("content of a write", "answer to *", "it is the workflow's own content, for whoever may read it"),
    May("content of a write", "Redis", "what is kept is the workflow; docs/security.md says how to guard it"),
    May("content of a write", "messages in Redis", "by a workflow's name other instances forget it"),
    May("vendor's message", "answer to *", "what a vendor says in its documented place is told to who asked"),
    May("vendor's message", "Redis", "a refused write is answered the same when it is sent again"),
    May("vendor's message", "command workflows *", "likewise, on the terminal of whoever asked"),
    May("vendor's *", "answer to * /passthrough/*", "the vendor's own API is passed on byte for byte"),
    May("vendor's message", "command doctor*", "the doctor tells the operator what the vendor says"),
    May("path of a TLS file", "command config show", "the operator's own file is shown to the operator"),
    May("tracestate", "traces", "it is meant for whoever collects traces (W3C Trace Context, section 3.3)"),
    May("vendor's *", "Redis", "and its successful answers are kept as they are"),
)


@dataclass
class CameOut:
    """All that was looked at, and what it was driven with."""

    planted: Planted
    places: list[Place]
    statuses: dict[str, set[int]]
    routes: set[str]


@pytest.fixture(scope="module")
def came_out(tmp_path_factory: pytest.TempPathFactory) -> CameOut:
    """Drive an installation once, and gather everything that it has put anywhere."""
    planted = Planted()
    keys = {
        name: planted(f"credential of {name}", CREDENTIAL_FORM)
        for name in ("aitronos", "promptlayer", "noxus")
    }
    folder, beside = tmp_path_factory.mktemp("installation"), tmp_path_factory.mktemp("redis")
    password = planted("password of Redis", "pa-{}")
    with contextlib.ExitStack() as stack:
        emulators = stack.enter_context(emulating(keys))
        parrot = stack.enter_context(perched(planted))
        redis = stack.enter_context(RedisServer(beside, ("--requirepass", password)))
        collector = stack.enter_context(collecting())
        house = Installation(folder, planted, emulators, parrot, redis, collector)
        campaign = Campaign(house)
        campaign.run()
        crashed = crash_while_serving(house)
        crash_at_the_start(house)
        commands = list(said_by_commands(house))
    places = [*campaign.places, *collector.places, *crashed.places, *commands]
    places += [Place(f"output of {name}", text.encode()) for name, text in house.said.items()]
    places.append(Place("audit log", house.audit.read_bytes()))
    places += left_over(folder, house.config, house.audit, folder / "noxus.key")
    return CameOut(planted, places, campaign.statuses, campaign.routes)


def test_no_secret_came_out(came_out: CameOut) -> None:
    finds = not_allowed(came_out.planted.found(came_out.places), MAY)
    assert not finds, sorted(finds)[:20]


def test_who_asks_how_a_connection_is_learns_nothing_that_a_vendor_said(came_out: CameOut) -> None:
    health = re.compile(r"answer to GET /(metrics|v1/connections(/[^/]*)?)")
    finds = {find for find in came_out.planted.found(came_out.places) if health.fullmatch(find.place)}
    assert not finds
    asked = [place.name for place in came_out.places if health.fullmatch(place.name)]
    assert len(asked) > 100


def test_whatever_the_table_allows_is_really_there(came_out: CameOut) -> None:
    finds = came_out.planted.found(came_out.places)
    assert [row for row in MAY if not_allowed(finds, [row]) == finds] == []


def test_the_drive_reached_everything(came_out: CameOut) -> None:
    assert came_out.statuses.keys() >= came_out.routes
    assert len(came_out.routes) > 30
    seen = set().union(*came_out.statuses.values())
    assert seen >= {200, 201, 204, 400, 401, 403, 404, 409, 422, 429, 500, 501, 502, 503}
    well = {
        route for route, statuses in came_out.statuses.items() if any(200 <= one < 300 for one in statuses)
    }
    assert len(well) > 25, came_out.routes - well
    names = set(came_out.planted)
    assert {f"vendor header {name}" for name in HEADERS} <= names
    assert len(names) > 50
    told = b"".join(place.data for place in came_out.places if place.name == "output of one process")
    events = {json.loads(line)["event"] for line in told.splitlines() if line.startswith(b"{")}
    assert {"request", "vendor call failed", "shared cache tier is left alone"} <= events
    assert told.count(b"configuration not taken over") >= len(SPOILT)
    crashed = b"".join(place.data for place in came_out.places if place.name == "output of two workers")
    assert crashed.count(b"nobody caught this") >= 2
    assert crashed.count(b"request failed") >= 10
    assert b"worker died" in crashed
    assert len(WAYS) > 20
