"""Configured accounts at work: each with its vendor, its transport and the memory of how the latest calls went."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar, cast

import structlog

from adapters.contract import Http, Vendor
from adapters.errors import (
    AdapterError,
    DeadlineExceeded,
    InvalidRequest,
    NotModified,
    VendorBusy,
    VendorConflict,
    VendorError,
    VendorNotFound,
    VendorRejected,
    VendorResting,
)
from adapters.forwarding import ForwardingHttp
from adapters.masking import Mask
from adapters.quota import Quota
from adapters.websocket import Sockets
from gateway.cache.lifetimes import Lifetimes
from gateway.errors import AbilityMissing
from gateway.problems import kind_of, problem
from gateway.reasons import system_reason
from gateway.settings import ConnectionSettings
from gateway.telemetry.counting import Counting
from gateway.telemetry.layout import NOT_MODIFIED, OK
from schemas.catalogue import (
    BreakerDescription,
    ConnectionDescription,
    ConnectionHealth,
    HealthState,
    QuotaDescription,
)
from schemas.problem import Problem
from schemas.support import Ability

Result = TypeVar("Result")
Api = TypeVar("Api")
Now: TypeAlias = Callable[[], datetime]


@dataclass(slots=True)
class Health:
    """Remembers the latest outcomes of one connection's calls."""

    consecutive_failures: int = 0
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_problem: Problem | None = None

    def succeeded(self, now: datetime) -> None:
        """Note that the vendor answered as it should."""
        self.consecutive_failures = 0
        self.last_success_at = now

    def failed(self, now: datetime, cause: Problem) -> None:
        """Note that it did not."""
        self.consecutive_failures += 1
        self.last_failure_at = now
        self.last_problem = cause

    def describe(self) -> ConnectionHealth:
        """Return the state for callers."""
        state = HealthState.UNKNOWN
        if self.consecutive_failures:
            state = HealthState.FAILING
        elif self.last_success_at is not None:
            state = HealthState.HEALTHY
        return ConnectionHealth(
            state=state,
            consecutive_failures=self.consecutive_failures,
            last_success_at=self.last_success_at,
            last_failure_at=self.last_failure_at,
            last_problem=self.last_problem,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """An answer of the vendor that is kept: its validators and exact bytes."""

    validators: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured account.

    Attributes:
        name: its name in the configuration.
        vendor: whose API it speaks.
        settings: its part of the configuration.
        base_url: where the vendor is reached.
        http: how.
        fingerprint: tells credentials apart without revealing them.
        lifetimes: how long each kind of answer is of use.
        now: the clock, in UTC.
        counting: counts the calls; None to count nothing.
        sockets: opens websockets to the vendor; None for none.
        hidden: the credential, which no error repeats.
    """

    name: str
    vendor: Vendor
    settings: ConnectionSettings
    base_url: str
    http: ForwardingHttp
    fingerprint: str
    lifetimes: Lifetimes
    now: Now
    counting: Counting | None = None
    sockets: Sockets | None = None
    hidden: Mask = field(default_factory=Mask, repr=False)
    health: Health = field(default_factory=Health)
    _offered: set[Ability] = field(default_factory=set, repr=False)

    def api(self, ability: Ability, protocol: type[Api]) -> Api:
        """Return the vendor's endpoints for an ability.

        Raises:
            AbilityMissing: the support matrix does not offer it; carries the matrix's reason.
        """
        if ability not in self._offered:
            if not self.vendor.support[ability].available or not isinstance(self.vendor.api, protocol):
                raise AbilityMissing(self.vendor, ability)
            self._offered.add(ability)
        return cast("Api", self.vendor.api)

    async def call(
        self,
        operation: Callable[[Http], Awaitable[Result]],
        known: Known | None = None,
        until: float | None = None,
    ) -> Result:
        """Run one operation of the vendor's API and remember how it went.

        Args:
            operation: makes the calls.
            known: the answer that is kept; its first GET then asks for something newer only.
            until: when nothing is waited for any longer, in the running loop's time; not together with `known`.

        Raises:
            DeadlineExceeded: that moment came first.
            NotModified: what is kept is still what the vendor has.
            VendorError: the vendor did not give what was asked for.
        """
        started, outcome = time.perf_counter(), OK
        try:
            return await self._noted(operation(self._way(known, until)))
        except NotModified:
            outcome = NOT_MODIFIED
            raise
        except AdapterError as error:
            outcome = kind_of(error).code
            raise
        finally:
            if self.counting is not None:
                self.counting.vendor_call(self.name, outcome, time.perf_counter() - started)

    def _way(self, known: Known | None, until: float | None) -> Http:
        if known is not None:
            return self.http.conditional(known.validators, known.body)
        return self.http if until is None else self.http.bounded(until)

    async def _noted(self, call: Awaitable[Result]) -> Result:
        """Remember how a call went."""
        try:
            result = await self._masked(call)
        except (VendorNotFound, VendorRejected, VendorConflict, NotModified):
            # The vendor is well: it understood and said no.
            self.health.succeeded(self.now())
            raise
        except (InvalidRequest, VendorBusy, VendorResting, DeadlineExceeded):
            # Ended by our own rules: the vendor was not asked, or not waited for.
            raise
        except VendorError as error:
            # Whoever asks for the connection's health, or reads the log, is not who sent what the vendor speaks of.
            update = {"detail": error.plain, "vendor_code": None, "errors": ()}
            found = problem(error, connection=self.name).model_copy(update=update)
            self.health.failed(self.now(), found)
            self._log_failure(found, None if error.status else system_reason(error))
            raise
        self.health.succeeded(self.now())
        return result

    def _log_failure(self, found: Problem, reason: str | None) -> None:
        perhaps = {
            "vendor_status": found.vendor_status,
            "vendor_request_id": found.vendor_request_id,
            "reason": reason,
        }
        structlog.get_logger("gateway.vendor").warning(
            "vendor call failed",
            connection=self.name,
            vendor=self.vendor.name,
            problem=found.code,
            detail=found.detail,
            **{name: value for name, value in perhaps.items() if value is not None},
        )

    async def _masked(self, call: Awaitable[Result]) -> Result:
        """Take the credential out of errors, also those that the vendor's own folder made of a successful answer."""
        try:
            return await call
        except VendorError as error:
            error.hide(self.hidden)
            raise

    def describe(self) -> ConnectionDescription:
        """Return what callers may know."""
        now, condition = self.now(), self.http.condition()
        rests = condition.rest_seconds
        return ConnectionDescription(
            name=self.name,
            title=self.settings.title or self.name,
            vendor=self.vendor.name,
            base_url=self.base_url,
            health=self.health.describe(),
            breaker=BreakerDescription(
                state=condition.breaker,
                consecutive_failures=condition.failures,
                retry_at=now + timedelta(seconds=rests) if rests else None,
            ),
            quota=tuple(map(_quota, condition.quotas)),
            under_way=condition.under_way,
            waiting=condition.waiting,
        )


def _quota(quota: Quota) -> QuotaDescription:
    return QuotaDescription(
        name=quota.name,
        limit=quota.limit,
        remaining=quota.remaining,
        window_seconds=quota.window_seconds,
        resets_at=None if quota.resets_at is None else datetime.fromtimestamp(quota.resets_at, UTC),
        seen_at=datetime.fromtimestamp(quota.seen_at, UTC),
    )
