"""Exchanges pairs of names for ever, as fast as it can. Says "swapping" once it has begun."""
import ctypes, os, sys

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, RENAME_EXCHANGE = -100, 2
pairs = [tuple(name.encode() for name in pair.split("=")) for pair in sys.argv[1:]]
swaps = 0
while True:
    for one, other in pairs:
        if libc.renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) != 0:
            sys.exit(f"renameat2: {ctypes.get_errno()}")
    swaps += 1
    if swaps == 2:
        os.write(1, b"swapping\n")
