"""The gateway: one API in front of every connection."""

DISTRIBUTION = "workflow-gateway"
