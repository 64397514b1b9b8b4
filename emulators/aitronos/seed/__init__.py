"""The believable company an emulator starts with: Bergquell Outdoor AG, a shop for mountain gear.

Nothing here reads a clock or a random source: every start plants the same records, with fresh objects.
"""

from dataclasses import dataclass, field

from emulators.aitronos.records import Assistant, Entry, Workflow
from emulators.aitronos.seed import content, odd, operations, peak, support
from emulators.aitronos.seed.assistants import assistants, history
from emulators.aitronos.seed.people import Company, company

__all__ = ["Company", "Seed", "company", "plant"]


@dataclass(frozen=True, slots=True)
class Seed:
    """The records to start with."""

    workflows: list[Workflow] = field(default_factory=list)
    assistants: list[Assistant] = field(default_factory=list)
    history: list[Entry] = field(default_factory=list)


def plant() -> Seed:
    """Return a fresh copy of the company's records, links included."""
    workflows = [
        *support.workflows(),
        *operations.workflows(),
        *content.workflows(),
        *peak.workflows(),
        *odd.workflows(),
    ]
    planted = assistants()
    by_id = {workflow.id: workflow for workflow in workflows}
    for assistant in planted:
        if assistant.workflow_id is not None:
            by_id[assistant.workflow_id].assistant_id = assistant.id
    return Seed(workflows, planted, history(planted))
