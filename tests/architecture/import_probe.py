"""Run in a fresh interpreter: imports the named modules and prints, as JSON, what they did beside defining things.

Usage: `python -B import_probe.py ROOT MODULE...`. Sockets are blocked. What other people's modules read from the
environment does not count; what they open, start or connect because we import them does.
"""

import importlib
import json
import os
import sys
import threading
import traceback
from types import FrameType
from typing import Any

FORBIDDEN = (
    *("socket.", "subprocess.", "os.system", "os.fork", "os.posix_spawn", "os.exec", "os.remove", "os.mkdir"),
    *(
        "os.rename",
        "os.rmdir",
        "os.putenv",
        "os.unsetenv",
        "os.chdir",
        "shutil.",
        "urllib.",
        "sqlite3.",
        "tempfile.",
    ),
    *("_thread.start_new_thread", "signal.", "time.sleep"),
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC

MAPPINGS = ("<frozen os>", "<frozen _collections_abc>", __file__)
"""Where `os.environ` and what it inherits is written: whoever called them is who reads."""


class Probe:
    """Notes what happens while one module is imported."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.module = ""
        self.active = False
        self.noted: list[tuple[str, str]] = []

    def note(self, what: str) -> None:
        self.noted.append((self.module, what))

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active:
            return
        if event == "open":
            path, mode, flags = arguments
            if (isinstance(mode, str) and set(mode) & set("wax+")) or (
                isinstance(flags, int) and flags & WRITING
            ):
                self.note(f"opens {path} for writing")
        elif event.startswith(FORBIDDEN):
            self.note(event)
            if event.startswith("socket."):
                raise PermissionError("sockets are blocked at import")

    def read(self, name: object) -> None:
        """Note the reading of an environment variable when one of our files asks for it."""
        if self.active and self._is_ours(sys._getframe(2)):
            self.note(f"reads the environment variable {name}")

    def _is_ours(self, frame: FrameType | None) -> bool:
        while frame is not None and frame.f_code.co_filename in MAPPINGS:
            frame = frame.f_back
        path = "" if frame is None else frame.f_code.co_filename
        return path.startswith(self.root) and "site-packages" not in path

    def run(self, module: str) -> None:
        self.module = module
        threads = threading.active_count()
        self.active = True
        try:
            importlib.import_module(module)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
            self.note("".join(traceback.format_exception_only(error)).strip())
        finally:
            self.active = False
        if threading.active_count() > threads:
            self.note("starts a thread")


def watched_environment(probe: Probe) -> None:
    """Tell the probe of every look at the environment."""
    kind = type(os.environ)
    for name in ("__getitem__", "__contains__", "__iter__"):
        original = getattr(kind, name)

        def watch(self: Any, *names: Any, _original: Any = original) -> Any:
            probe.read(names[0] if names else "(all)")
            return _original(self, *names)

        setattr(kind, name, watch)


def main(root: str, modules: list[str]) -> None:
    sys.path.insert(0, root)
    probe = Probe(root)
    watched_environment(probe)
    sys.addaudithook(probe.audit)
    for module in modules:
        probe.run(module)
    print(json.dumps(probe.noted))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
