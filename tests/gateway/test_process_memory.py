"""How a process that serves holds its memory, looked at in a process of its own."""

import os
import platform
import subprocess
import sys

import pytest

SCRIPT = """
import ctypes
from gateway.process_memory import give_back_large_blocks

class Told(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

library = ctypes.CDLL(None)
library.mallinfo2.restype = Told
print(give_back_large_blocks())
bytearray(4_000_000)
before = library.mallinfo2().hblkhd
block = bytearray(4_000_000)
print(library.mallinfo2().hblkhd - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such bound")
@pytest.mark.parametrize(
    ("environ", "ours"),
    [
        ({}, True),
        ({"MALLOC_MMAP_THRESHOLD_": "33554432"}, False),
        ({"GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=33554432"}, False),
    ],
)
def test_large_blocks_come_from_the_system_for_good_unless_somebody_says_otherwise(
    environ: dict[str, str], ours: bool
) -> None:
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environ}
    )
    assert done.returncode == 0, done.stderr
    said, grown = done.stdout.split()
    assert (said == "True", int(grown) >= 4_000_000) == (ours, ours)
