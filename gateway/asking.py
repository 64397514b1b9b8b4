"""What travels with a request through the service: its wishes about caching, and the trace of what was done."""

from dataclasses import dataclass, field

from gateway.cache.directives import NO_DIRECTIVES, RequestDirectives
from gateway.cache.trace import Trace


@dataclass(frozen=True, slots=True)
class Ask:
    """One question of a caller.

    Attributes:
        directives: what the request says about caching.
        trace: filled while it is answered.
    """

    directives: RequestDirectives = NO_DIRECTIVES
    trace: Trace = field(default_factory=Trace)
