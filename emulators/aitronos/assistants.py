"""Handlers of `/v1/assistants` without the link to workflows."""

from collections.abc import Callable, Mapping

from emulators.aitronos.calls import Answer, Call
from emulators.aitronos.errors import Document, Refusal
from emulators.aitronos.records import DETAILS, Assistant
from emulators.aitronos.settings import read_assistant
from emulators.aitronos.state import State
from emulators.aitronos.validation import QueryReader
from emulators.aitronos.variants import DELETE_200, STRICT_BODIES

_SORTS: Mapping[str, Callable[[Assistant], tuple[str | int, str]]] = {
    "name": lambda assistant: (assistant.name.casefold(), assistant.id),
    "created_at": lambda assistant: (assistant.created_at, assistant.id),
    "updated_at": lambda assistant: (assistant.updated_at, assistant.id),
}

Test = Callable[[Assistant], bool]


class Assistants:
    """The assistant endpoints over one state. `on` says whether a variant is switched on."""

    def __init__(self, state: State, on: Callable[[str], bool]) -> None:
        self._state = state
        self._on = on

    def page(self, call: Call) -> Answer:
        """GET: page by offset, filtered and sorted. The greatest limit (100) and the sorts are undocumented."""
        query = QueryReader(call.query)
        organization_id = query.required("organization_id")
        limit, offset = query.integer("limit", 50, 1, 100), query.integer("offset", 0, 0)
        tests, applied = self._filters(query)
        sort_by = query.choice("sort_by", "name", tuple(_SORTS))
        order = query.choice("sort_order", "asc", ("asc", "desc"))
        detail = query.choice("fields", "summary", tuple(DETAILS))
        query.check()
        self._check_organization(organization_id)
        found = [a for a in self._state.live_assistants() if all(test(a) for test in tests)]
        found.sort(key=_SORTS[sort_by], reverse=order == "desc")
        return Answer(
            body={
                "assistants": [a.document(detail) for a in found[offset : offset + limit]],
                "total": len(found),
                "organization_id": organization_id,
                "pagination": pagination(len(found), limit, offset),
                "filters_applied": applied | {"sort_by": sort_by, "sort_order": order},
                "user_context": {"user_id": self._state.user.id, "organization_count": 1},
            }
        )

    def create(self, call: Call) -> Answer:
        """POST: create one in the key's own organization."""
        fields = read_assistant(call, creating=True, strict=self._on(STRICT_BODIES))
        self._check_organization(fields.pop("organization_id"))
        return Answer(201, self._state.add_assistant(fields).document())

    def get(self, call: Call) -> Answer:
        """GET one, in full."""
        return Answer(body=self._find(call).document())

    def update(self, call: Call) -> Answer:
        """PUT: change what is given; it is no replacement although the method says so."""
        assistant = self._find(call)
        fields = read_assistant(call, creating=False, strict=self._on(STRICT_BODIES))
        self._state.change_assistant(assistant, fields)
        return Answer(body=assistant.document())

    def delete(self, call: Call) -> Answer:
        """DELETE one softly."""
        self._state.remove_assistant(self._find(call))
        return Answer(body={"message": "Assistant deleted."}) if self._on(DELETE_200) else Answer(204)

    def warm(self, call: Call) -> Answer:
        """POST: pretend to fill the vendor's cache; the answer's form is undocumented."""
        assistant = self._find(call)
        return Answer(body={"assistant_id": assistant.id, "status": "warmed", "ttl_seconds": 1800})

    def history(self, call: Call) -> Answer:
        """GET: the audit lines of one assistant, newest first."""
        query = QueryReader(call.query)
        limit, offset = query.integer("limit", 50, 1, 100), query.integer("offset", 0, 0)
        start, end = query.moment("start_date"), query.moment("end_date")
        action, user_id = query.text("action"), query.text("user_id")
        query.check()
        assistant = self._find(call)
        found = [
            entry
            for entry in reversed(self._state.history)
            if entry.assistant_id == assistant.id
            and action in (None, entry.action)
            and user_id in (None, entry.user.id)
            and (start is None or entry.timestamp >= start)
            and (end is None or entry.timestamp <= end)
        ]
        lines = [entry.document() for entry in found[offset : offset + limit]]
        return Answer(body={"audit_logs": lines, "pagination": pagination(len(found), limit, offset)})

    def _find(self, call: Call) -> Assistant:
        return self._state.assistant(call.path["assistant_id"])

    def _filters(self, query: QueryReader) -> tuple[list[Test], Document]:
        search, access_mode = query.text("search"), query.text("access_mode")
        store = query.text("vector_store_id")
        visible, for_chat = query.boolean("visible_in_chat"), query.boolean("for_chat")
        visible = for_chat if visible is None else visible
        inactive = query.boolean("include_inactive") or False
        tests: list[Test] = [] if inactive else [lambda a: bool(a.settings["is_active"])]
        if search is not None:
            tests.append(lambda a: search.casefold() in f"{a.name}\n{a.settings['description']}".casefold())
        if access_mode is not None:
            tests.append(lambda a: a.settings["access_mode"] == access_mode)
        if store is not None:
            tests.append(lambda a: store in (a.settings["vector_store_ids"] or []))
        if visible is not None:
            tests.append(lambda a: self._in_chat(a) == visible)
        return tests, {"search": search, "access_mode": access_mode, "include_inactive": inactive}

    def _in_chat(self, assistant: Assistant) -> bool:
        users = assistant.settings["visible_in_chat_to_users"]
        return users is None or "*" in users or self._state.user.id in users

    def _check_organization(self, organization_id: str) -> None:
        if organization_id != self._state.organization_id:
            raise Refusal(403, "ORGANIZATION_ACCESS_DENIED", details={"organization_id": organization_id})


def pagination(total: int, limit: int, offset: int) -> Document:
    """Return the nested paging facts of assistant and history listings."""
    return {"total": total, "limit": limit, "offset": offset, "has_more": offset + limit < total}
