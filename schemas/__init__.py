"""The canonical vocabulary: stdlib and pydantic, no I/O, no clock, no HTTP."""

DISTRIBUTION = "workflow-gateway"
