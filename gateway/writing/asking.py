"""What travels with a write through the gateway: what the caller asks beside the body, and what was sent."""

import re
from dataclasses import dataclass, field
from typing import Final

from gateway.cache.conditional import check_readable, entity_tags, names_anything
from gateway.errors import Lossy, PreconditionFailed, PreconditionMissing
from gateway.writing.attempt import Attempt
from schemas.diagnostics import Loss, Severity

DIGEST_LENGTH: Final = 32
"""Of a workflow's digest, as an entity tag begins with it; see `gateway.answers.entity_tag`."""

_OF_WORKFLOW: Final = re.compile(rf'"([0-9a-f]{{{DIGEST_LENGTH}}})-[^"]*"')


@dataclass(frozen=True, slots=True)
class WriteAsk:
    """One write of a caller.

    Attributes:
        if_match: the `If-Match` header, several lines joined by commas; None when there is none.
        strict: refuse what the vendor cannot hold whole.
        attempt: watches what is sent.
    """

    if_match: str | None = None
    strict: bool = False
    attempt: Attempt = field(default_factory=Attempt)

    def need_match(self, *, required: bool) -> None:
        """Make sure that the caller says what is to be changed, where the connection asks for it.

        Raises:
            PreconditionMissing: there is no `If-Match`.
            InvalidHeader: it names nothing that can be compared.
        """
        if self.if_match is None:
            if required:
                raise PreconditionMissing
            return
        check_readable(self.if_match)

    def matches_anything(self) -> bool:
        """Say whether `If-Match` is `*`: whatever there is may be changed."""
        return self.if_match is not None and names_anything(self.if_match)

    def check_match(self, digest: str) -> None:
        """Compare `If-Match` with what is there; only the meaning counts (docs/decisions/0014).

        Args:
            digest: of the present content.

        Raises:
            PreconditionFailed: it is something else.
        """
        if self.if_match is None or self.matches_anything():
            return
        named = (_OF_WORKFLOW.fullmatch(tag) for tag in entity_tags(self.if_match))
        if digest.rpartition(":")[2][:DIGEST_LENGTH] not in {found[1] for found in named if found}:
            raise PreconditionFailed

    def check_losses(self, losses: tuple[Loss, ...]) -> None:
        """Refuse a lossy write where the caller wants all or nothing.

        Raises:
            Lossy: something would be lost; what is only worth knowing does not count.
        """
        grave = tuple(loss for loss in losses if loss.severity is not Severity.INFO)
        if self.strict and grave:
            raise Lossy(grave)
