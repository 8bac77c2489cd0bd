"""A client of exec-server in the standard library of Python: starts a command, and prints what it writes.

    python3 client.py ws://127.0.0.1:7300 COMMAND [ARGUMENT...]

EXEC_SERVER_TOKEN is the bearer token, where the server wants one. The exit status is the command's own.
"""
import base64, json, os, socket, struct, sys, urllib.parse


class Connection:
    """A WebSocket that carries JSON."""

    def __init__(self, url):
        at = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((at.hostname, at.port or 80))
        token = os.environ.get("EXEC_SERVER_TOKEN")
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {at.path or '/'} HTTP/1.1", f"Host: {at.netloc}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        lines += [f"Authorization: Bearer {token}"] if token else []
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode())
        self.file = self.socket.makefile("rb")
        status = self.file.readline().decode()
        while self.file.readline().strip():
            pass
        if " 101 " not in status:
            sys.exit(f"the server refuses: {status.strip()}")

    def frame(self, opcode, data):
        length = struct.pack("!B", 128 | len(data)) if len(data) < 126 else struct.pack("!BQ", 255, len(data))
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
        self.socket.sendall(bytes([128 | opcode]) + length + mask + masked)

    def send(self, **message):
        self.frame(1, json.dumps(message).encode())

    def receive(self):
        text = b""
        while True:
            first, length = self.file.read(2) or sys.exit("the connection is lost")
            if length in (126, 127):
                length = int.from_bytes(self.file.read(2 if length == 126 else 8), "big")
            data = self.file.read(length)
            if first & 15 == 8:
                sys.exit(f"the server closes the connection: {data[2:].decode()}")
            if first & 15 == 9:
                self.frame(10, data)  # What the pong confirms need not be kept any more.
            elif first & 15 < 3:
                text += data
                if first & 128:
                    return json.loads(text)


def run(url, argv):
    server = Connection(url)
    server.send(id=1, method="initialize", params={"clientName": "client.py"})
    info = server.receive()["result"].get("environmentInfo") or {}
    server.send(method="initialized", params={})
    core = dict(inherit="core", ignoreDefaultExcludes=False, exclude=[], set={}, includeOnly=[])
    cwd = info.get("cwd") or "file:///"
    server.send(id=2, method="process/start",
                params=dict(processId="p", argv=argv, cwd=cwd, env={}, envPolicy=core, tty=False))
    status = None
    while True:
        message = server.receive()
        method, params = message.get("method"), message.get("params")
        if "error" in message:
            sys.exit(message["error"]["message"])
        elif method == "process/output":
            stream = sys.stderr if params["stream"] == "stderr" else sys.stdout
            stream.buffer.write(base64.b64decode(params["chunk"]))
            stream.flush()
        elif method == "process/exited":
            status = params["exitCode"]
        elif method == "process/closed":
            return status


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
