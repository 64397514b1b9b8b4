"""How a process that serves holds its memory: what the garbage collector and the C library do for it."""

import ctypes
import gc
from typing import Final

from gateway.environment import allocator_is_set

_M_MMAP_THRESHOLD: Final = -3
LARGE_BYTES: Final = 128 * 1024
"""What glibc begins with, and leaves as soon as the first block of that size is given back."""


def calm_collector() -> None:
    """Have the garbage collector look less often, and never at what is there now; for a process that serves.

    Reading a large document makes many objects and no garbage that only the collector finds: left alone it would look
    through them over and over.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def give_back_large_blocks() -> bool:
    """Have every large block go back to the system when it is free (mallopt(3), M_MMAP_THRESHOLD).

    Otherwise glibc learns from each one to take the next from the heap, which cannot shrink while anything lasting lies
    behind it: see decision 0025.

    Returns:
        Whether it does now; not where the environment says otherwise, nor with another C library.
    """
    if allocator_is_set():
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES))
