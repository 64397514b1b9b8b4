"""Adapters: a folder is a vendor, a plain module is shared plumbing."""

DISTRIBUTION = "workflow-gateway"
