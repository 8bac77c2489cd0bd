/** An HTTP peer that shows the bytes it is sent and answers bytes: what a proper server would tidy up, it keeps. */

/** One request as it came over the wire. */
export interface RawRequest {
  /** Request line and header lines, one character per byte, without the blank line. */
  readonly head: string;
  /** The request line's target. */
  readonly path: string;
  readonly body: Uint8Array;
}

/** What a handler can do with the connection. */
export interface RawConnection {
  /** Writes one byte per character. Rejects when the other side has gone. */
  write(text: string): Promise<void>;
  /** Writes all bytes. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** Resolves when the other side has gone. */
  readonly gone: Promise<void>;
}

/** A listening peer; `await using` stops it. */
export interface RawHttpPeer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Everything it was asked, in order. */
  readonly requests: RawRequest[];
}

/** Listens on a free port. Each connection serves one request; it is closed when the handler returns. */
export function listenRaw(
  handler: (request: RawRequest, connection: RawConnection) => Promise<void> | void,
): RawHttpPeer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: RawRequest[] = [];
  const open = new Set<Deno.TcpConn>();
  const serve = async (socket: Deno.TcpConn) => {
    open.add(socket);
    try {
      const request = await readRequest(socket);
      if (!request) return;
      requests.push(request);
      await handler(request, connectionOf(socket));
    } catch {
      // The other side has gone, or this one was stopped.
    } finally {
      open.delete(socket);
      try {
        socket.close();
      } catch {
        // It was closed when this one stopped.
      }
    }
  };
  const serving: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const socket of listener) serving.push(serve(socket));
  })();
  const port = listener.addr.port;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const socket of open) socket.close();
      await Promise.allSettled([accepting, ...serving]);
    },
  };
}

/** The header lines of a request, in order: `[name, value]`. */
export function headerLines(request: RawRequest): [string, string][] {
  return request.head.split("\r\n").slice(1).map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
}

async function readRequest(socket: Deno.TcpConn): Promise<RawRequest | undefined> {
  let text = "";
  const buffer = new Uint8Array(64 * 1024);
  const more = async () => {
    const read = await socket.read(buffer);
    if (read === null) return false;
    // One character per byte; the decoder named latin1 is another one.
    text += Array.from(buffer.subarray(0, read), (byte) => String.fromCharCode(byte)).join("");
    return true;
  };
  while (!text.includes("\r\n\r\n")) if (!await more()) return undefined;
  const end = text.indexOf("\r\n\r\n");
  const head = text.slice(0, end);
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  while (text.length < end + 4 + length) if (!await more()) return undefined;
  return { head, path: head.split(" ")[1]!, body: toBytes(text.slice(end + 4)) };
}

function connectionOf(socket: Deno.TcpConn): RawConnection {
  const writeBytes = async (bytes: Uint8Array) => {
    for (let offset = 0; offset < bytes.length;) offset += await socket.write(bytes.subarray(offset));
  };
  let gone: Promise<void> | undefined;
  return {
    writeBytes,
    write: (text) => writeBytes(toBytes(text)),
    get gone() {
      return gone ??= (async () => {
        const buffer = new Uint8Array(1024);
        while (await socket.read(buffer).catch(() => null) !== null);
      })();
    },
  };
}

function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
