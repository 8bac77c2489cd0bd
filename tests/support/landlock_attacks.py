"""Tries to change something where everything may be read and nothing written. Prints a line of JSON: what worked.

argv[1] is a directory of the user's, with a file and a directory in it; argv[2] the number of a process outside.
"""
import ctypes
import fcntl
import json
import os
import socket
import struct
import sys

folder, stranger = sys.argv[1], int(sys.argv[2])
file = f"{folder}/file"
libc = ctypes.CDLL(None, use_errno=True)


def call(number, *args):
    if libc.syscall(ctypes.c_long(number), *args) < 0:
        raise OSError(ctypes.get_errno(), "syscall")


def request(path, number):
    fcntl.ioctl(os.open(path, os.O_RDONLY), number, struct.pack("l", 0x10) + bytes(1000))


attempts = {
    "write": lambda: os.open(file, os.O_WRONLY),
    "cut short": lambda: os.truncate(file, 0),
    "cut short by opening": lambda: os.open(file, os.O_RDONLY | os.O_TRUNC),
    "make a file": lambda: os.open(f"{folder}/made", os.O_CREAT | os.O_WRONLY),
    "make a file without a name": lambda: os.open(folder, os.O_TMPFILE | os.O_RDWR),
    "make a directory": lambda: os.mkdir(f"{folder}/made"),
    "make a link": lambda: os.symlink("x", f"{folder}/made"),
    "make a hard link": lambda: os.link(file, f"{folder}/made"),
    "make a pipe": lambda: os.mkfifo(f"{folder}/made"),
    "rename": lambda: os.rename(file, f"{folder}/made"),
    "remove": lambda: os.remove(file),
    "remove a directory": lambda: os.rmdir(f"{folder}/directory"),
    "change the mode": lambda: os.chmod(file, 0o777),
    "change the mode by a newer call": lambda: call(452, -100, file.encode(), 0o777, 0),
    "change the owner": lambda: os.chown(file, os.getuid(), os.getgid()),
    "change the times": lambda: os.utime(file, (1, 1)),
    "give an attribute": lambda: os.setxattr(file, "user.x", b"1"),
    "take an attribute": lambda: os.removexattr(file, "user.x"),
    "change the flags": lambda: request(file, 0x40086602),
    "make a subvolume": lambda: request(folder, 0x5000940E),
    "make a user namespace": lambda: call(272 if os.uname().machine == "x86_64" else 97, 0x10000000),
    "write what rules the machine": lambda: os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY),
    "write to shared memory": lambda: os.open("/dev/shm/made", os.O_CREAT | os.O_RDWR),
    "read another's memory": lambda: os.open(f"/proc/{stranger}/mem", os.O_RDONLY),
    "read another's variables": lambda: open(f"/proc/{stranger}/environ", "rb").read(),
    "reach a network": lambda: socket.socket(),
}

worked = []
for name, attempt in attempts.items():
    try:
        attempt()
        worked.append(name)
    except OSError:
        pass
open("/dev/null", "w").write("x")
print(json.dumps({"worked": worked, "read": open(file).read(), "status": os.system("exit 3") >> 8}))
