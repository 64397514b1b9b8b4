"""Stand-in servers that speak a vendor's own API, for the demo, the tests and offline work.

A subpackage is a vendor; a plain module is shared plumbing. Nothing here imports the adapters, the gateway or
the schemas, so that one misreading of a vendor's document cannot hide on both sides of the wire.
"""

DISTRIBUTION = "workflow-gateway"
