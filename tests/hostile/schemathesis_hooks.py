"""Gives schemathesis the names of what is really there, half of the time: made-up ones never get beyond a 404."""

import os
from typing import Any

import schemathesis

THERE = dict(pair.split("=", 1) for pair in os.environ["HOSTILE_THERE"].split())


@schemathesis.hook
def map_path_parameters(_: schemathesis.HookContext, path_parameters: dict[str, Any] | None) -> Any:
    if path_parameters is None or len(str(path_parameters)) % 2:
        return path_parameters
    connections = sorted({name.partition("/")[0] for name in THERE})
    if "connection" in path_parameters:
        chosen = connections[len(str(path_parameters)) // 2 % len(connections)]
        known = {"connection": chosen, "workflow": THERE[chosen]}
        path_parameters.update({name: known[name] for name in known.keys() & path_parameters.keys()})
    return path_parameters
