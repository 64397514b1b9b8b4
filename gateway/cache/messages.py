"""What instances tell each other over the channel of the store they share."""

from dataclasses import dataclass
from typing import TypeAlias

from gateway.cache.store import Forgotten
from schemas.base import JsonValue
from schemas.json_codec import InvalidJsonError, dumps, loads


@dataclass(frozen=True, slots=True)
class Filled:
    """Nobody fills this key any more."""

    key: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something said.

    Attributes:
        sender: the instance that says it; it hears itself.
        news: what it says.
    """

    sender: str
    news: "News"


News: TypeAlias = Forgotten | Filled


def write(message: Message) -> bytes:
    """Return the message as bytes."""
    news = message.news
    content: dict[str, JsonValue] = {"sender": message.sender}
    if isinstance(news, Filled):
        content["filled"] = news.key
    else:
        content |= {"keys": list(news.keys), "tags": list(news.tags), "everything": news.everything}
    return dumps(content)


def read(data: bytes) -> Message | None:
    """Return the message; None for what this version does not understand."""
    try:
        content = loads(data)
    except InvalidJsonError:
        return None
    if not isinstance(content, dict):
        return None
    sender, news = content.get("sender"), _news(content)
    return Message(sender, news) if isinstance(sender, str) and news is not None else None


def _news(content: dict[str, JsonValue]) -> News | None:
    filled = content.get("filled")
    if isinstance(filled, str):
        return Filled(filled)
    keys, tags, everything = (
        _texts(content.get("keys")),
        _texts(content.get("tags")),
        content.get("everything"),
    )
    if keys is None or tags is None or not isinstance(everything, bool):
        return None
    return Forgotten(keys, tags, everything)


def _texts(value: JsonValue) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    texts = tuple(text for text in value if isinstance(text, str))
    return texts if len(texts) == len(value) else None
