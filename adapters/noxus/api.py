"""Noxus's endpoints, each a few lines; what they answer is mapped elsewhere.

Paths are those of `docs.noxus.ai/api-reference` and of the vendor's SDK.
"""

from adapters.noxus.agents import AgentCalls
from adapters.noxus.reading import ReadingCalls
from adapters.noxus.runs import RunCalls
from adapters.noxus.versions import VersionCalls
from adapters.noxus.writing import WritingCalls


class NoxusApi(ReadingCalls, WritingCalls, VersionCalls, AgentCalls, RunCalls):
    """Everything that Noxus can do, one part for each kind of thing."""
