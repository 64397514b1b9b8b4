"""Workers of one task, where they work, and what they and their supervisor tell each other."""

import contextlib
from dataclasses import dataclass
from enum import Enum
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final, Protocol

from gateway.settings import CallerSettings

SHORTEST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 30.0
"""How many seconds a place stays empty, at least and at most, when workers die in it again and again."""

STEADY_SECONDS: Final = 30.0
"""A worker that lived so long did not die of its start."""


class Told(Enum):
    """What a worker and its supervisor tell each other."""

    READY = "ready"
    """The worker answers."""
    RELOAD = "reload"
    """The worker was asked to have the configuration taken over."""


@dataclass(frozen=True, slots=True)
class Retire:
    """Tells a worker that others have its place.

    Attributes:
        callers: who may call from now on.
    """

    callers: tuple[CallerSettings, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """What a worker knows of its supervisor.

    Attributes:
        number: the worker's, from 1 on.
        line: takes `READY` once the worker answers, and gives `Retire` or what became of a reload.
        lifeline: becomes readable when the supervisor is gone.
    """

    number: int
    line: Connection
    lifeline: Connection


class NotFollowed(Exception):
    """Nothing can take a task's place; `news` is for the workers."""

    def __init__(self, news: object) -> None:
        super().__init__("nothing can take its place")
        self.news = news


class Task(Protocol):
    """What workers are for."""

    @property
    def stop_seconds(self) -> float:
        """Return how long a worker may take to end."""
        ...

    @property
    def retire_seconds(self) -> float:
        """Return how long a worker may take to end once others have its place."""
        ...

    def work(self, link: Link) -> None:
        """Be a worker, in a process of its own: until SIGTERM, or until the lifeline becomes readable."""
        ...

    def all_answer(self) -> None:
        """Take note, once, that every worker answers."""
        ...

    def following(self) -> "Task":
        """Return what the next workers are for.

        Raises:
            NotFollowed: there is nothing that they could do.
        """
        ...

    @property
    def farewell(self) -> Retire:
        """Return what the workers before are told when those of this task answer in their place."""
        ...

    def taken_over(self) -> None:
        """Take note that the workers have the places of those before."""
        ...

    def ended(self) -> None:
        """Take note that the last worker has ended, after others took its place."""
        ...

    def predecessor_ended(self) -> None:
        """Take note that the last worker has ended of a task before this one."""
        ...

    def stopping(self) -> None:
        """Let go of what new workers would need: there will be none any more."""
        ...


@dataclass(slots=True)
class Place:
    """Where one worker after the other works.

    Attributes:
        number: from 1 on.
        process: the worker; None while there is none.
        line: to and from it; None once it is gone.
        answered: a worker has answered here.
        started: when the last one was started, on the monotonic clock.
        deaths: how many died in a row without having lived for long.
        due: from when on there shall be another.
    """

    number: int
    process: BaseProcess | None = None
    line: Connection | None = None
    answered: bool = False
    started: float = 0.0
    deaths: int = 0
    due: float = 0.0

    def pause(self, now: float) -> float:
        """Note that the worker died; returns the seconds until there shall be another."""
        self.deaths = 1 if now - self.started >= STEADY_SECONDS else self.deaths + 1
        pause = min(SHORTEST_PAUSE * 2.0 ** min(self.deaths - 1, 16), LONGEST_PAUSE)
        self.due = now + pause
        return pause


@dataclass(eq=False, slots=True)
class Team:
    """The workers of one task.

    Attributes:
        task: what they do.
        places: where they work.
        until: when those are killed that are still there; None while they are to stay.
    """

    task: Task
    places: list[Place]
    until: float | None = None

    @property
    def all_answer(self) -> bool:
        """Say whether there is a worker in every place that has answered."""
        return all(place.answered for place in self.places)

    @property
    def living(self) -> list[BaseProcess]:
        """Return the workers' processes."""
        return [place.process for place in self.places if place.process is not None]

    def tell(self, message: object) -> None:
        """Tell every worker something; one that is gone hears nothing."""
        for place in self.places:
            if place.line is not None:
                with contextlib.suppress(OSError):
                    place.line.send(message)
