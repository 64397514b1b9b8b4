"""Changes at a vendor: what callers send becomes one of the vendor's own calls, or a refusal that says why."""
