import re
from datetime import UTC, datetime, timedelta

import pytest

from gateway.callers import Caller, Callers, hash_key, new_key
from gateway.settings import CallerSettings
from gateway.settings.values import Right

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def settings(name: str, *keys: str, connections: object = "all", expires: object = None) -> CallerSettings:
    return CallerSettings.model_validate(
        {
            "name": name,
            "key_hashes": [hash_key(key) for key in keys],
            "connections": connections,
            "expires": expires,
        }
    )


def callers() -> Callers:
    return Callers.from_settings(
        [
            settings("first", "old", "new"),
            settings("second", "two", connections=["a", "b"]),
            settings("third", "three", connections=[], expires=NOW),
        ]
    )


def test_a_key_finds_its_caller() -> None:
    assert callers().identify("two", NOW.timestamp()) == Caller("second", frozenset({"a", "b"}))


def test_both_keys_work_while_one_is_replaced() -> None:
    assert (
        callers().identify("old", NOW.timestamp())
        == callers().identify("new", NOW.timestamp())
        == Caller("first")
    )


@pytest.mark.parametrize("key", ["", "Two", "two ", "unknown", "\ud800", "schlüssel"])
def test_an_unknown_key_finds_nobody(key: str) -> None:
    assert callers().identify(key, NOW.timestamp()) is None


def test_the_hash_is_not_a_key() -> None:
    assert callers().identify(hash_key("two"), NOW.timestamp()) is None


def test_a_key_ends_at_its_moment() -> None:
    assert callers().identify("three", (NOW - timedelta(milliseconds=1)).timestamp()) == Caller(
        "third", frozenset()
    )
    assert callers().identify("three", NOW.timestamp()) is None


def test_a_key_is_found_among_many() -> None:
    many = [CallerSettings(name=f"c{number}", key_hashes=(hash_key(str(number)),)) for number in range(100)]
    known = Callers.from_settings(many)
    for number in (0, 57, 99):
        assert known.identify(str(number), NOW.timestamp()) == Caller(f"c{number}")
    for stranger in ("100", "", "sha256:", hash_key("5")):
        assert known.identify(stranger, NOW.timestamp()) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Caller("a", frozenset({"x"})), Caller("a")),
        (Caller("a", frozenset({"x"})), Caller("a", frozenset({"x", "y"}))),
        (Caller("a", frozenset({"x"})), Caller("a", frozenset())),
        (Caller("a", rights=frozenset({Right.ADMIN})), Caller("a")),
        (Caller("a", frozenset({"read"})), Caller("a", frozenset(), frozenset({Right.READ}))),
    ],
)
def test_callers_who_may_see_different_things_differ_in_scope(one: Caller, other: Caller) -> None:
    assert one.scope != other.scope


def test_callers_who_may_see_the_same_share_a_scope() -> None:
    assert Caller("a", frozenset({"x", "y"})).scope == Caller("b", frozenset({"y", "x"})).scope


def test_what_a_caller_may_see() -> None:
    assert Caller("all").may_see("anything")
    assert Caller("some", frozenset({"a"})).may_see("a")
    assert not Caller("some", frozenset({"a"})).may_see("b")
    assert not Caller("none", frozenset()).may_see("a")


def test_without_callers_everybody_is_anonymous() -> None:
    nobody = Callers.from_settings([])
    assert nobody.anonymous == Caller("anonymous", rights=frozenset(Right))
    assert nobody.identify("whatever an SDK sends", NOW.timestamp()) == nobody.anonymous


def test_with_callers_nobody_is_anonymous() -> None:
    assert callers().anonymous is None


def test_new_keys_are_long_and_different() -> None:
    made = [new_key() for _ in range(50)]
    assert len({key for key, _ in made}) == 50
    for key, key_hash in made:
        assert re.fullmatch(r"wg_[A-Za-z0-9_-]{43}", key)
        assert key_hash == hash_key(key)


def test_a_new_key_can_be_configured_and_used() -> None:
    key, key_hash = new_key()
    declared = CallerSettings(name="fresh", key_hashes=(key_hash,))
    assert Callers.from_settings([declared]).identify(key, NOW.timestamp()) == Caller("fresh")


def test_the_hash_is_plain_sha256() -> None:
    assert hash_key("demo-key") == "sha256:c48a01f49fd0f2cc404bc3cbbc80e91457a3d41bb429a695243de4c61794155c"
