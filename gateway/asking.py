"""What travels with a request through the service: its wishes about caching, and the trace of what was done."""

from dataclasses import dataclass, field

from gateway.cache.directives import NO_DIRECTIVES, RequestDirectives
from gateway.cache.trace import Trace
from gateway.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class Ask:
    """One question of a caller.

    Attributes:
        directives: what the request says about caching.
        trace: filled while it is answered.
        deadline: when it has to be answered; None for whenever the connection's own bounds are over.
    """

    directives: RequestDirectives = NO_DIRECTIVES
    trace: Trace = field(default_factory=Trace)
    deadline: Deadline | None = None

    @property
    def until(self) -> float | None:
        """Return the end of the request's time, in the running loop's."""
        return None if self.deadline is None else self.deadline.at
