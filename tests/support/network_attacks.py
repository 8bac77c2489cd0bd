"""Ways around a proxy that is the only way out, tried from inside. Prints what got through, and `done` at the end."""
import ctypes, json, os, socket, subprocess, sys, urllib.request

port = int(sys.argv[1])  # of a server on the machine's loopback address
proxy = os.environ["HTTP_PROXY"].rsplit(":", 1)
through = []


def attempt(name, act):
    try:
        if act() is not False:
            through.append(name)
    except (OSError, ValueError):
        pass


def connect(family, address):
    with socket.socket(family) as s:
        s.settimeout(3)
        s.connect(address)


def datagram(family, address, wait):
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        s.connect(address)
        s.send(b"x")
        if wait:
            s.recv(10)


def request(line, host, more=""):
    """Whether a request was passed on."""
    with socket.create_connection(("127.0.0.1", int(proxy[1])), 5) as s:
        s.sendall(f"{line} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())
        return s.makefile("rb").readline().split()[1] == b"200"


attempt("connect directly", lambda: connect(socket.AF_INET, ("127.0.0.1", port)))
attempt("connect to the machine", lambda: connect(socket.AF_INET, (sys.argv[2], port)))
attempt("connect by IPv6", lambda: connect(socket.AF_INET6, ("::1", port)))
attempt("connect by mapped IPv6", lambda: connect(socket.AF_INET6, ("::ffff:127.0.0.1", port)))
attempt("send datagrams out", lambda: datagram(socket.AF_INET, ("1.1.1.1", 53), False))
attempt("send datagrams to the machine", lambda: datagram(socket.AF_INET, ("127.0.0.1", port), True))
attempt("look a name up", lambda: socket.gethostbyname("localhost.localdomain.") and False)
attempt("look a name up by datagram", lambda: datagram(socket.AF_INET, ("127.0.0.53", 53), True))
attempt("make a Unix socket", lambda: socket.socket(socket.AF_UNIX).close())
attempt("make an abstract Unix socket", lambda: socket.socket(socket.AF_UNIX).bind("\0x"))
attempt("make a netlink socket", lambda: socket.socket(16, socket.SOCK_RAW, 0).close())
attempt("make a packet socket", lambda: socket.socket(17, socket.SOCK_RAW, 0).close())
attempt("make a raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close())
attempt("make a socket of the host of a guest", lambda: socket.socket(40, socket.SOCK_STREAM).close())
libc = ctypes.CDLL(None, use_errno=True)
attempt("enter another network", lambda: libc.setns(os.open("/proc/1/ns/net", os.O_RDONLY), 0x40000000) == 0 and
        os.readlink("/proc/self/ns/net") != sys.argv[3] or False)
attempt("make a network", lambda: libc.unshare(0x40000000) == 0)
for spelling in ["169.254.169.254", "169.254.43518", "169.16689662", "2852039166", "0xa9.0xfe.0xa9.0xfe",
                 "0xA9FEA9FE", "0251.0376.0251.0376", "025177524776", "[::ffff:169.254.169.254]",
                 "[::ffff:a9fe:a9fe]", "169.254.169.254.", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]"]:
    attempt(f"ask for {spelling}", lambda: request(f"GET http://{spelling}/", spelling))
    attempt(f"have a tunnel to {spelling}", lambda: request(f"CONNECT {spelling}:80", f"{spelling}:80"))
for spelling in ["127.0.0.1", "127.1", "0", "[::1]", "[::]", "0.0.0.0", "localhost.", "LOCALHOST", "[::ffff:127.0.0.1]"]:
    attempt(f"ask for {spelling}", lambda: request(f"GET http://{spelling}:{port}/text", f"{spelling}:{port}"))
    attempt(f"have a tunnel to {spelling}", lambda: request(f"CONNECT {spelling}:{port}", f"{spelling}:{port}"))
attempt("name another host", lambda: request(f"GET http://ok.test:{port}/", f"localhost:{port}"))
attempt("hide a host", lambda: request(f"GET /text", f"ok.test:{port}", f"Host: localhost:{port}\r\n"))
attempt("hide a host behind a name", lambda: request(f"GET http://ok.test@localhost:{port}/text", f"localhost:{port}"))
attempt("hide a host behind a backslash", lambda: request(f"GET http://localhost:{port}\\@ok.test/", "ok.test"))
attempt("ask for a Unix socket", lambda: request("GET http://ok.test/", "ok.test", "X-Unix-Socket: /run/docker.sock\r\n"))
attempt("smuggle a request", lambda: request(
    f"POST http://ok.test:{port}/", f"ok.test:{port}",
    f"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n"))
print(json.dumps(through))
print("done")
