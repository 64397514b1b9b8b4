"""Answers kept for a while: a store that holds bytes, a key that names everything, a policy that decides."""
