"""Uses a network by plain sockets, as programs do that know of no proxy. Prints a line of JSON: what came of each use.

argv[1] is the port of a server on this machine that sends back what it gets, under the name `localhost`.
"""
import errno
import json
import os
import select
import socket
import struct
import sys

port = int(sys.argv[1])
name_server = ("127.0.0.53", 53)


def question(name, kind):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)


def ask(name, kind, server=name_server, wait=30):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(wait)
        asker.sendto(question(name, kind), server)
        return asker.recv(2048)


def look_up(name):
    return socket.inet_ntoa(ask(name, 1)[-4:])


def look_up_by_stream(name):
    with socket.create_connection(name_server) as asker:
        asked = question(name, 28)
        asker.sendall(struct.pack(">H", len(asked)) + asked)
        with asker.makefile("rb") as answers:
            (length,) = struct.unpack(">H", answers.read(2))
            return socket.inet_ntop(socket.AF_INET6, answers.read(length)[-16:])


def connected(address, number=port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family)
    connection.connect((address, number))
    return connection


def pass_through(address, size=1 << 20):
    """Sends much, ends, and reads all of it back."""
    with connected(address) as connection:
        peer = connection.getpeername()[0]
        sent = bytes(range(256)) * (size // 256)
        connection.setblocking(False)
        got, left = b"", memoryview(sent)
        while True:
            readable, writable, _ = select.select([connection], [connection] if left else [], [])
            if writable:
                left = left[connection.send(left[:65536]) :]
                if not left:
                    connection.shutdown(socket.SHUT_WR)
            if readable:
                piece = connection.recv(65536)
                if not piece:
                    return [got == sent, peer == address]
                got += piece


def reach(address, number=port):
    """What comes of a connection: the kernel takes it at once, whatever becomes of it."""
    try:
        connection = connected(address, number)
    except OSError as error:
        return f"not connected: {errno.errorcode[error.errno]}"
    with connection:
        try:
            return connection.recv(1) or "ended"
        except OSError as error:
            return errno.errorcode[error.errno]


def without_waiting(name):
    with socket.socket() as connection:
        connection.setblocking(False)
        begun = errno.errorcode.get(connection.connect_ex((look_up(name), port)))
        select.select([], [connection], [])
        # What has gone wrong by now is told once.
        failure = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        select.select([connection], [], [])
        try:
            connection.recv(1)
        except OSError as error:
            failure = failure or error.errno
        return [begun, errno.errorcode.get(failure)]


def many(name, count):
    """As many connections at once, each with a line of its own."""
    address = look_up(name)
    connections = [connected(address) for _ in range(count)]
    for index, connection in enumerate(connections):
        connection.sendall(b"%d\n" % index)
        connection.shutdown(socket.SHUT_WR)
    right = 0
    for index, connection in enumerate(connections):
        with connection, connection.makefile("rb") as answer:
            right += answer.read() == b"%d\n" % index
    return right


def datagram(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(0.2)
        sender.connect((address, 1000))
        try:
            sender.send(b"x")
            return sender.recv(10)
        except OSError as error:
            return type(error).__name__


def other_server():
    try:
        return ask("known.test", 1, ("8.8.8.8", 53), 0.2).hex()
    except OSError as error:
        return type(error).__name__


uses = {
    # The fourth is the listing's own.
    "descriptors": lambda: os.listdir("/proc/self/fd"),
    "resolver file": lambda: open("/etc/resolv.conf").read(),
    "names": lambda: sorted({info[4][0] for info in socket.getaddrinfo("known.test", 80)}),
    "same name again": lambda: look_up("KNOWN.test") == look_up("known.test"),
    "name by stream": lambda: look_up_by_stream("known.test"),
    "mail servers": lambda: len(ask("known.test", 15)) == len(question("known.test", 15)),
    "much": lambda: pass_through(look_up("localhost")),
    "many": lambda: many("localhost", 200),
    "denied": lambda: reach(look_up("denied.test")),
    "denied without waiting": lambda: without_waiting("denied.test"),
    "asked": lambda: reach(look_up("asked.test"), 4321),
    "by IPv6": lambda: reach("2606:4700::1111", 443),
    "by address": lambda: reach("93.184.216.34", 443),
    "neighbour": lambda: reach("10.1.2.3", 443),
    "name of nothing": lambda: reach("198.19.200.1", 443),
    "itself": lambda: reach("127.0.0.1", 9),
    "datagrams": lambda: datagram("93.184.216.34"),
    "another name server": other_server,
}
print(json.dumps({name: use() for name, use in uses.items()}))
