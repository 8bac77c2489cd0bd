"""A FUSE file system that answers: an empty directory. Usage: empty_mount.py DIRECTORY (as root)"""
import os, stat, struct, subprocess, sys, time

fuse = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={fuse},rootmode=40755,user_id=0,group_id=0,allow_other"
subprocess.run(["mount", "-i", "-t", "fuse", "-o", options, "empty", sys.argv[1]], pass_fds=[fuse], check=True)
print("mounted", flush=True)
INIT, GETATTR, FORGET = 26, 3, 2
while True:
    try:
        request = os.read(fuse, 1 << 17)
    except OSError:
        break  # Unmounted.
    _, opcode, unique, _, uid, gid, _, _ = struct.unpack_from("<IIQQIIII", request)
    error, body = -38, b""
    if opcode == INIT:
        error, body = 0, struct.pack("<IIIIHHII", 7, 31, 4096, 0, 8, 8, 4096, 1) + bytes(36)
    elif opcode == GETATTR:
        now = int(time.time())
        attributes = struct.pack("<QQQQQQIIIIIIIIII", 1, 0, 0, now, now, now, 0, 0, 0, stat.S_IFDIR | 0o755, 2, 0, 0, 0, 4096, 0)
        error, body = 0, struct.pack("<QII", 0, 0, 0) + attributes
    elif opcode == 1:
        error = -2
    if opcode != FORGET:
        os.write(fuse, struct.pack("<IiQ", 16 + len(body), error, unique) + body)
