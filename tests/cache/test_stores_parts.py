"""The small pure parts behind the tiers: breaker, outbox, what is owed, what changed."""

import pytest

from adapters.breaker import Breaker, BreakerLimits
from gateway.cache.changes import Changes
from gateway.cache.eras import KnownEras
from gateway.cache.outbox import Outbox, Owed
from gateway.cache.store import Forgotten
from schemas.catalogue import BreakerState
from tests.cache.stores import entry


def opened(rest: float = 10.0) -> Breaker:
    breaker = Breaker(BreakerLimits(3, rest))
    for _ in range(3):
        breaker.failed(100.0)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    breaker = Breaker(BreakerLimits(3, 10.0))
    for _ in range(5):
        breaker.failed(0.0)
        breaker.failed(0.0)
        assert breaker.allows(0.0)
        breaker.succeeded()
    assert breaker.closed
    assert opened().state is BreakerState.OPEN


def test_it_rests_and_then_lets_one_call_through() -> None:
    breaker = opened()
    assert not breaker.allows(100.0)
    assert not breaker.allows(109.9)
    assert breaker.allows(110.0)
    assert breaker.state is BreakerState.HALF_OPEN
    assert not breaker.allows(110.0)


def test_a_probe_that_succeeds_closes_it_and_forgets_the_failures() -> None:
    breaker = opened()
    breaker.allows(110.0)
    breaker.succeeded()
    breaker.failed(110.0)
    breaker.failed(110.0)
    assert breaker.closed


def test_a_probe_that_fails_opens_it_for_another_rest() -> None:
    breaker = opened()
    breaker.allows(110.0)
    breaker.failed(115.0)
    assert breaker.state is BreakerState.OPEN
    assert not breaker.allows(124.9)
    assert breaker.allows(125.0)


def test_a_probe_that_ends_without_telling_anything_lets_the_next_call_see() -> None:
    breaker = opened()
    breaker.allows(110.0)
    assert not breaker.allows(111.0)
    breaker.given_up(111.0)
    assert breaker.allows(111.0)
    assert breaker.seconds_left(111.0) == 10.0


def test_it_never_opens_without_a_number_of_failures() -> None:
    breaker = Breaker(BreakerLimits(0, 10.0))
    for _ in range(1000):
        breaker.failed(0.0)
    assert breaker.closed
    assert breaker.seconds_left(0.0) == 0.0


def test_late_failures_do_not_lengthen_the_rest() -> None:
    breaker = opened()
    breaker.failed(109.0)
    assert breaker.allows(110.0)


def test_a_probe_that_never_ends_does_not_block_the_next() -> None:
    breaker = opened()
    assert breaker.allows(110.0)
    assert breaker.allows(120.0)


def test_it_can_be_opened_at_once() -> None:
    breaker = Breaker(BreakerLimits(3, 10.0))
    breaker.trip(0.0)
    assert not breaker.allows(9.9)
    assert breaker.allows(10.0)


def taken(
    outbox: Outbox, keys: int = 100, weight: int = 10**9
) -> list[tuple[str, str | None, tuple[str, ...]]]:
    return [
        (each.key, None if each.entry is None else each.entry.parts["canonical"].decode(), each.tokens)
        for each in outbox.take(keys, weight)
    ]


def test_the_outbox_gives_the_oldest_first_and_only_the_newest_of_a_key() -> None:
    outbox = Outbox(10, 100_000)
    for key, text in (("a", "1"), ("b", "2"), ("a", "3")):
        assert outbox.put(key, entry(text))
    assert outbox.release("b", "token")
    assert sorted(taken(outbox)) == [("a", "3", ()), ("b", "2", ("token",))]
    assert len(outbox) == 0


@pytest.mark.parametrize(("keys", "weight"), [(2, 10**9), (10, 2)])
def test_the_outbox_is_bounded_by_number_and_by_weight(keys: int, weight: int) -> None:
    outbox = Outbox(keys, weight * entry("x").weight)
    assert outbox.put("a", entry("1"))
    assert outbox.put("b", entry("2"))
    assert not outbox.put("c", entry("3"))
    assert outbox.put("a", entry("4"))
    assert len(taken(outbox)) == 2
    assert outbox.put("c", entry("3"))


def test_what_is_taken_at_once_is_bounded_but_never_nothing() -> None:
    outbox = Outbox(100, 10**9)
    for name in "abcde":
        outbox.put(name, entry(name))
    outbox.put("f", entry("f" * 100_000))
    outbox.put("g", entry("g"))
    assert [key for key, _, _ in taken(outbox, keys=2)] == ["a", "b"]
    assert [key for key, _, _ in taken(outbox, weight=2 * entry("c").weight)] == ["c", "d"]
    assert [key for key, _, _ in taken(outbox, weight=2000)] == ["e"]
    assert [key for key, _, _ in taken(outbox, weight=2000)] == ["f"]
    assert [key for key, _, _ in taken(outbox)] == ["g"]
    assert taken(outbox) == []
    assert outbox._bytes == 0


def test_what_finds_no_room_takes_the_older_one_with_it() -> None:
    outbox = Outbox(10, 2 * entry("x").weight)
    outbox.put("a", entry("old"))
    assert not outbox.put("a", entry("x" * 5_000))
    assert taken(outbox) == []


def test_releases_find_no_room_either() -> None:
    outbox = Outbox(1, 100_000)
    assert outbox.release("a", "1")
    assert outbox.release("a", "2")
    assert not outbox.release("b", "3")


@pytest.mark.parametrize(
    "forgotten", [Forgotten(keys=("a",)), Forgotten(tags=("other", "t")), Forgotten(everything=True)], ids=str
)
def test_what_is_forgotten_is_not_written_but_its_lock_is_released(forgotten: Forgotten) -> None:
    outbox = Outbox(10, 2 * entry("1", "t").weight)
    outbox.put("a", entry("1", "t"))
    outbox.release("a", "token")
    outbox.forget(forgotten)
    assert outbox.put("b", entry("2"))
    assert outbox.put("c", entry("3"))
    assert taken(outbox) == [("a", None, ("token",)), ("b", "2", ()), ("c", "3", ())]


def test_emptying_tells_how_many_entries_are_lost() -> None:
    outbox = Outbox(10, 100_000)
    outbox.put("a", entry("1"))
    outbox.release("b", "token")
    assert outbox.empty() == 1
    assert taken(outbox) == []


def test_what_is_owed_adds_up_and_is_taken_once() -> None:
    owed = Owed(10)
    assert not owed
    owed.add(Forgotten(keys=("k",)))
    owed.add(Forgotten(tags=("t", "u")))
    assert owed
    found = owed.take()
    assert (found.keys, sorted(found.tags), found.everything) == (("k",), ["t", "u"], False)
    assert not owed


def test_too_much_owed_becomes_everything() -> None:
    owed = Owed(3)
    owed.add(Forgotten(keys=("a", "b"), tags=("t",)))
    owed.add(Forgotten(tags=("u",)))
    owed.add(Forgotten(tags=("v",)))
    assert owed.take() == Forgotten(everything=True)
    assert not owed


TAGGED = entry("x", "t", "u")


def test_only_what_was_forgotten_since_then_is_touched() -> None:
    changes = Changes()
    changes.note(Forgotten(tags=("t",)))
    since = changes.now()
    assert not changes.touched(since, "k", TAGGED)
    changes.note(Forgotten(keys=("other",), tags=("v",)))
    assert not changes.touched(since, "k", TAGGED)
    changes.note(Forgotten(tags=("u",)))
    assert changes.touched(since, "k", TAGGED)
    assert not changes.touched(changes.now(), "k", TAGGED)


def test_a_key_and_a_tag_of_one_name_are_two_things() -> None:
    changes = Changes()
    changes.note(Forgotten(keys=("t",)))
    assert not changes.touched(0, "k", TAGGED)
    assert changes.touched(0, "t", TAGGED)


def test_everything_touches_everything() -> None:
    changes = Changes()
    changes.note(Forgotten(everything=True))
    assert changes.touched(0, "k", entry())


def test_what_is_too_long_ago_to_remember_counts_as_touched() -> None:
    changes = Changes(remembered=2)
    for name in "abc":
        changes.note(Forgotten(tags=(name,)))
    assert len(changes._last) == 2
    assert changes.touched(0, "k", TAGGED)
    assert not changes.touched(1, "k", TAGGED)


def test_what_was_forgotten_again_is_remembered_longer() -> None:
    changes = Changes(remembered=2)
    for name in "tvtw":
        changes.note(Forgotten(tags=(name,)))
    assert changes.touched(2, "k", TAGGED)
    assert not changes.touched(2, "k", entry("x", "elsewhere"))


def test_an_era_is_sure_for_an_hour_after_its_expiry_was_put_off() -> None:
    eras = KnownEras()
    assert eras.get(b"t") is None
    assert not eras.is_sure(b"t", 0.0)
    eras.put_off(b"t", b"1", 0.0)
    assert eras.is_sure(b"t", 3599.0)
    assert not eras.is_sure(b"t", 3600.0)
    eras.seen(b"t", b"1")
    assert eras.is_sure(b"t", 0.0)


def test_another_era_that_is_seen_is_known_but_not_sure() -> None:
    eras = KnownEras()
    eras.put_off(b"t", b"1", 0.0)
    eras.seen(b"t", b"2")
    assert (eras.get(b"t"), eras.is_sure(b"t", 0.0)) == (b"2", False)
    eras.seen(b"t", None)
    assert eras.get(b"t") is None


def test_known_eras_are_bounded_and_can_be_forgotten() -> None:
    eras = KnownEras(remembered=2)
    for name in (b"a", b"b", b"a", b"c"):
        eras.put_off(name, b"1", 0.0)
    assert [eras.get(name) for name in (b"a", b"b", b"c")] == [b"1", None, b"1"]
    eras.forget([b"a", b"nothing"])
    assert [eras.get(name) for name in (b"a", b"c")] == [None, b"1"]
    eras.clear()
    assert eras.get(b"c") is None
