"""`/v1/conversations`: chats with an agent or with settings of their own; answers are made up."""

from collections.abc import Iterator

from starlette.responses import Response, StreamingResponse

from emulators.noxus.errors import invalid, not_found
from emulators.noxus.run_events import position, sse, stream
from emulators.noxus.state import GROUP_ID, Record, newest_first
from emulators.noxus.tools import read_settings, shown_settings
from emulators.noxus.validation import LIST, OBJECT, TEXT, TEXTS, Fields
from emulators.noxus.web import Call, RouteTable, page
from emulators.noxus.workflows import deleted

FORMATS = ("vercel", "json")


def _conversation(call: Call) -> Record:
    found = call.state.conversations.get(call.path_id("conversation_id"))
    if found is None:
        raise not_found("Conversation")
    return found


def shown(call: Call, record: Record) -> Record:
    """Return a conversation as it is answered."""
    settings = shown_settings(record["settings"], as_model=call.variant("agent_model_key"))
    return record | {"settings": settings}


def list_conversations(call: Call) -> Record:
    """List conversations in which something was said; empty ones do not show, as the SDK's own tests expect."""
    spoken = [one for one in call.state.conversations.values() if one["messages"]]
    answer = page(call, newest_first(spoken))
    return answer | {"items": [shown(call, record) for record in answer["items"]]}


def create_conversation(call: Call) -> Record:
    """Start a conversation with an agent (`assistant_id` in the query) or with settings (in the body)."""
    agent_id = call.query.identifier("assistant_id")
    fields = Fields(call.body())
    name, settings = fields.required("name", TEXT), read_settings(fields, "settings")
    fields.check()
    if (agent_id is None) == (settings is None):
        message = "Value error, give either settings or assistant_id"
        raise invalid(["body", "settings"], message, "value_error")
    state = call.state
    now = state.now()
    record = {
        "id": state.new_id(),
        "group_id": GROUP_ID,
        "name": name,
        "created_at": now,
        "last_updated_at": now,
        "status": "idle",
        "etag": None,
        "settings": settings or dict(state.agent(agent_id or "")["definition"]),
        "assistant_id": agent_id,
        "messages": [],
    }
    state.conversations[record["id"]] = record
    return shown(call, record)


def get_conversation(call: Call) -> Record:
    """Read a conversation with its messages."""
    return shown(call, _conversation(call))


def update_conversation(call: Call) -> Record:
    """Change a conversation's name or settings; null leaves them."""
    record, fields = _conversation(call), Fields(call.body())
    changes = {"name": fields.optional("name", TEXT), "settings": read_settings(fields, "settings")}
    fields.check()
    record.update({name: value for name, value in changes.items() if value is not None})
    record["last_updated_at"] = call.state.now()
    return shown(call, record)


def delete_conversation(call: Call) -> Record | Response:
    """Delete a conversation."""
    del call.state.conversations[_conversation(call)["id"]]
    return deleted(call)


def _asked(call: Call) -> str:
    fields = Fields(call.body())
    content = fields.required("content", TEXT)
    for name in ("tool", "kb_id", "workflow_id"):
        fields.optional(name, TEXT)
    fields.optional("model_selection", TEXTS)
    for index, file in enumerate(fields.optional("files", LIST, []) or []):
        if not isinstance(file, dict):
            fields.complain(OBJECT.message, OBJECT.code, "files", index)
    fields.check()
    return str(content)


def _parts(kind: str, part_kind: str, content: str, now: str) -> Record:
    part = {"part_kind": part_kind, "content": content, "timestamp": now}
    return {"kind": kind, "parts": [part], "timestamp": now}


def _message(call: Call, role: str, parts: Record) -> Record:
    text = parts["parts"][0]["content"]
    return {
        "id": call.state.new_id(),
        "created_at": call.state.now(),
        "message_parts": [{"role": role, "type": role, "content": text}],
        "pydantic_message_parts": [parts],
    }


def _turn(call: Call) -> tuple[Record, Record]:
    """Say something and have it answered; returns the conversation and the answer's message."""
    record, content = _conversation(call), _asked(call)
    now = call.state.now()
    answer = f"You said: {content}"
    said = _message(call, "user", _parts("request", "user-prompt", content, now))
    answered = _message(call, "assistant", _parts("response", "text", answer, now))
    record["messages"] += [said, answered]
    record["etag"] = f"{int(call.state.moment().timestamp() * 1000)}-{len(record['messages'])}"
    record["last_updated_at"] = now
    return record, answered


def add_message(call: Call) -> Record:
    """Say something; answers the whole conversation."""
    return shown(call, _turn(call)[0])


def chat(call: Call) -> Record:
    """Say something; answers only the agent's messages of this turn."""
    answered = _turn(call)[1]
    return {"id": answered["id"], "parts": answered["pydantic_message_parts"]}


def _frames(message: Record, layout: str) -> Iterator[bytes]:
    """Yield an answer as events: envelopes for `json`, else frames for the browser library, then `done`."""
    content = message["message_parts"][0]["content"]
    for word in content.split(" "):
        delta = {"delta": f"{word} "}
        if layout == "json":
            yield sse("message", {"event": "text-delta", "data": delta})
        else:
            yield sse("message", {"type": "text-delta", "id": message["id"]} | delta)
    finish = {"event": "finish-step", "data": {}} if layout == "json" else {"type": "finish-step"}
    yield sse("message", finish)
    yield sse("done", {})


def stream_message(call: Call) -> StreamingResponse:
    """Say something and stream the answer."""
    layout = call.query.word("format", FORMATS, "vercel") or "vercel"
    return stream(list(_frames(_turn(call)[1], layout)))


def conversation_events(call: Call) -> StreamingResponse:
    """Stream the latest answer again, unless `etag` is already behind it."""
    layout = call.query.word("format", FORMATS, "vercel") or "vercel"
    record = _conversation(call)
    seen = position(call.query.text("etag")) >= position(record["etag"])
    if not record["messages"] or seen:
        return stream([sse("done", {})])
    return stream(list(_frames(record["messages"][-1], layout)))


_ALL = "/v1/conversations"
_ONE = f"{_ALL}/{{conversation_id}}"
ROUTES: RouteTable = (
    ("GET", _ALL, list_conversations),
    ("POST", _ALL, create_conversation),
    ("GET", _ONE, get_conversation),
    ("PATCH", _ONE, update_conversation),
    ("DELETE", _ONE, delete_conversation),
    ("POST", _ONE, add_message),
    ("POST", f"{_ONE}/chat", chat),
    ("POST", f"{_ONE}/stream", stream_message),
    ("GET", f"{_ONE}/events", conversation_events),
)
