"""Tries to get out of a sandbox. Prints a line of JSON: each attack by name, and what came of it.

The workspace is the current directory, and its parent may be written to as well; argv[1] is a directory that may only be
read, argv[2] the number of a process outside.
"""
import ctypes
import errno
import fcntl
import json
import os
import socket
import sys

outside, stranger = sys.argv[1], sys.argv[2]
libc = ctypes.CDLL(None, use_errno=True)


def call(number, *args):
    if libc.syscall(ctypes.c_long(number), *args) < 0:
        raise OSError(ctypes.get_errno(), "syscall")


def write(path):
    os.close(os.open(path, os.O_WRONLY))


def make(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT))


def mount(source, target, kind, flags):
    if libc.mount(source, target, kind, ctypes.c_ulong(flags), None) < 0:
        raise OSError(ctypes.get_errno(), "mount")


def unmount(target):
    if libc.umount2(target, 2) < 0:
        raise OSError(ctypes.get_errno(), "umount")


def typed():
    master, slave = os.openpty()
    fcntl.ioctl(slave, 0x5412, b"x")


def each(paths, attack):
    """The attack works where it works on one of them."""
    failure = None
    for path in paths:
        try:
            attack(path)
            return
        except OSError as error:
            failure = error
    raise failure


def swapped_parent():
    os.rename("../workspace", "../other")
    os.makedirs("../workspace/.git")


def swapped_deep():
    os.rename("deep", "deep2")
    os.makedirs("deep/kept")
    make("deep/kept/new")


def nested():
    if os.fork() == 0:
        os._exit(1)
    os.wait()
    if libc.unshare(0x10000000 | 0x20000) < 0:
        raise OSError(ctypes.get_errno(), "unshare")
    mount(b"none", b"/", None, 0x20 | 0x1000)


def machine_call(x86_64, aarch64):
    return x86_64 if os.uname().machine == "x86_64" else aarch64


attacks = {
    "write what rules the machine": lambda: each(
        [
            "/proc/sys/kernel/core_pattern",
            "/proc/sys/kernel/modprobe",
            "/proc/sys/kernel/hostname",
            "/proc/sys/vm/drop_caches",
            "/proc/sysrq-trigger",
            "/proc/irq/default_smp_affinity",
        ],
        write,
    ),
    "write to /sys": lambda: each(
        ["/sys/power/state", "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/kernel/uevent_helper"], write
    ),
    "write by way of another's root": lambda: each(
        [f"/proc/1/root{outside}/made", f"/proc/self/root{outside}/made", f"/proc/{stranger}/root{outside}/made"],
        make,
    ),
    "write outside": lambda: make(f"{outside}/made"),
    "write outside through a link": lambda: (os.symlink(outside, "way-out"), make("way-out/made")),
    "link a file from outside": lambda: os.link(f"{outside}/file", "linked"),
    "change a mode outside": lambda: os.chmod(f"{outside}/file", 0o777),
    "see a process outside": lambda: os.kill(int(stranger), 0) if int(stranger) > 300 else os.stat("/nowhere"),
    "mount the root anew": lambda: mount(None, b"/", None, 0x20 | 0x1000),
    "mount something": lambda: mount(b"none", b".", b"tmpfs", 0),
    "take a cover away": lambda: unmount(os.path.abspath(".git").encode()),
    "take the cover of what is hidden away": lambda: unmount(os.path.abspath("hidden").encode()),
    "make a user namespace": nested,
    "change the root": lambda: os.chroot("."),
    "make a device": lambda: os.mknod("device", 0o20666, os.makedev(1, 1)),
    "write .git": lambda: make(".git/config"),
    "write .git from below": lambda: make("sub/../.git/config"),
    "rename .git": lambda: os.rename(".git", "other-git"),
    "remove .git": lambda: os.remove(".git/config"),
    "link .git's file": lambda: os.link(".git/config", "config"),
    "make what is missing": lambda: make(".aws/config"),
    "remove what stands for it": lambda: os.rmdir(".aws"),
    "put a link in its place": lambda: (os.rmdir(".codex"), os.symlink("sub", ".codex")),
    "put another directory in the workspace's place": swapped_parent,
    "put another directory in a parent's place": swapped_deep,
    "read what is hidden": lambda: os.listdir("hidden"),
    "read what is hidden under another name": lambda: (os.rename("hidden", "shown"), os.listdir("shown")),
    "read a hidden file": lambda: open("hidden-file").close(),
    "use a network": lambda: socket.socket(socket.AF_INET),
    "use an abstract socket": lambda: socket.socket(socket.AF_UNIX).connect("\0exec-server-attack"),
    "use a socket file": lambda: socket.socket(socket.AF_UNIX).connect(f"{outside}/socket"),
    "reach the machine below": lambda: socket.socket(40, socket.SOCK_STREAM),
    "use io_uring": lambda: call(425, 1, ctypes.create_string_buffer(256)),
    "use keys": lambda: call(machine_call(250, 219), 0, -3, 0),
    "trace a process": lambda: call(machine_call(101, 117), 16, 1, 0, 0),
    "take another's descriptor": lambda: call(438, 0, 0, 0),
    "call under another number": lambda: call(0x40000000 | 39) if os.uname().machine == "x86_64" else os.stat("/nowhere"),
    "type on a terminal": typed,
}

results = {}
for name, attack in attacks.items():
    if name in sys.argv[3:]:
        continue
    try:
        attack()
        results[name] = "worked"
    except OSError as error:
        results[name] = errno.errorcode.get(error.errno, str(error.errno))
print(json.dumps(results))
