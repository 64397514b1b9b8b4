"""What is there when everything is over: nothing acknowledged is lost, and nothing was made twice."""

from collections import Counter
from collections.abc import Sequence

import httpx

from tests.soak.client import Client


async def remains(http: httpx.AsyncClient, clients: Sequence[Client]) -> list[str]:
    """Return what is wrong with the workflows that are left; all faults are off."""
    wrong: list[str] = []
    for connection in sorted({client.place.connection for client in clients}):
        own = [client for client in clients if client.place.connection == connection]
        names = await _names(http, f"{own[0].place.base}/workflows?limit=200")
        present = {client.truth.name for client in own if client.truth.workflow_id}
        loose = {name for client in own for name in client.loose}
        wrong += [
            f"{connection}: {name!r} was acknowledged and is not there" for name in present - names.keys()
        ]
        wrong += [
            f"{connection}: {name!r} is there and belongs to nobody"
            for name in names.keys() - present - loose
        ]
        wrong += [
            f"{connection}: {name!r} is there {number} times" for name, number in names.items() if number > 1
        ]
    return wrong


async def _names(http: httpx.AsyncClient, address: str) -> Counter[str]:
    """Return the names that clients gave, of the workflows that are there."""
    found: Counter[str] = Counter()
    cursor: str | None = ""
    while cursor is not None:
        params = {"cursor": cursor} if cursor else {}
        reply = await http.get(address, params=params, headers={"cache-control": "no-cache"})
        page = reply.raise_for_status().json()
        found.update(
            item["name"]
            for item in page["items"]
            if item["name"].startswith("Soak ")
            and item["name"] != "Soak model"
            and item.get("status") != "deleted"
        )
        cursor = page.get("next_cursor")
    return found
