"""What every handler needs: the state and the variants of the moment, and the look-ups that refuse."""

from collections.abc import Callable, Collection

from emulators.promptlayer import variants as v
from emulators.promptlayer.errors import refusal
from emulators.promptlayer.records import Version, Workflow
from emulators.promptlayer.state import State


class Shared:
    """The workspace as the handlers see it; `state` is replaced on a reset."""

    def __init__(self, state: State, read_variants: Callable[[], Collection[str]]) -> None:
        self.state = state
        self._read_variants = read_variants

    @property
    def variants(self) -> Collection[str]:
        """The variants switched on now."""
        return self._read_variants()

    def workflow(self, reference: str) -> Workflow:
        """Return the workflow a path segment means, by id or name.

        Raises:
            ApiError: 404, there is none, or it is deleted.
        """
        workflow = self.state.find(reference, names_first=v.NAMES_FIRST in self.variants)
        if workflow is None:
            raise refusal(404, "Workflow not found")
        return workflow

    def forbid_both(self, number: int | None, label: str | None, message: str) -> None:
        """Refuse a version number together with a label.

        Raises:
            ApiError: 422, both are given; which status is not documented.
        """
        if number is not None and label is not None:
            raise refusal(400 if v.BOTH_IS_400 in self.variants else 422, message)

    def version(self, workflow: Workflow, number: int | None, label: str | None) -> Version:
        """Return a version by number, by label, or the latest.

        Raises:
            ApiError: 404, there is none; a workflow without any version has no latest.
        """
        if label is not None:
            if label not in workflow.labels:
                raise refusal(404, f"Release label '{label}' not found")
            number = workflow.labels[label].version_number
        version = workflow.version(number)
        if version is None:
            raise refusal(404, "Workflow version not found")
        return version
