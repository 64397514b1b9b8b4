"""Vendors without code: a description in YAML, with values only, becomes a `Vendor` like any other.

This folder is plumbing and no vendor itself. Reading files is left to the gateway; here a checked `Description` becomes
endpoints and a mapping. What a description cannot say (ports, branches, writes) takes a folder of its own.
"""

from adapters.generic.checks import check
from adapters.generic.description import Description
from adapters.generic.vendor import described

__all__ = ["Description", "check", "described"]
