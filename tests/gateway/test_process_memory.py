"""How a process that serves holds its memory, looked at in a process of its own."""

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import ctypes, sys
from gateway.process_memory import give_back_large_blocks

class Told(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

library = ctypes.CDLL(None)
library.mallinfo2.restype = Told
assert give_back_large_blocks(eval(sys.argv[1])) is (sys.argv[1] == "{}")
bytearray(4_000_000)
before = library.mallinfo2().hblkhd
block = bytearray(4_000_000)
print(library.mallinfo2().hblkhd - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such bound")
@pytest.mark.parametrize(
    ("environ", "own"),
    [
        ({}, True),
        ({"MALLOC_MMAP_THRESHOLD_": "131072"}, False),
        ({"GLIBC_TUNABLES": "glibc.malloc.check=1"}, False),
    ],
)
def test_large_blocks_come_from_the_system_for_good_unless_somebody_says_otherwise(
    environ: dict[str, str], own: bool
) -> None:
    command = [sys.executable, "-c", SCRIPT, repr(environ)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (int(done.stdout) >= 4_000_000) is own
