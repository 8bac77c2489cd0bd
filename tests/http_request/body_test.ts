import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { HTTP_BODY_DELTA_BYTES, HTTP_BUFFERED_BODY_BYTES, HTTP_REQUESTS } from "../../src/limits.ts";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Callable, runtimes, startOperations } from "../support/callable.ts";
import { listenRaw, type RawHttpPeer } from "../support/raw_http_peer.ts";

const head = "HTTP/1.1 200 OK\r\n";

/** Much of nothing, made small. */
const compressed = {
  gzip: gzipSync(new Uint8Array(2 ** 27)),
  zstd: zstdCompressSync(new Uint8Array(2 ** 27)),
};

/** Bodies that break, wait, or have no end. */
function difficult(): RawHttpPeer & { endless: Promise<number> } {
  const endless = Promise.withResolvers<number>();
  const peer = listenRaw(async ({ path }, connection) => {
    if (path === "/hang") return await connection.gone;
    if (path === "/short") return await connection.write(`${head}Content-Length: 10\r\n\r\nabc`);
    if (path === "/cut") {
      return await connection.write(`${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`);
    }
    if (path === "/garbled") {
      return await connection.write(`${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nZZ\r\n`);
    }
    if (path === "/stuck") {
      await connection.write(`${head}Content-Length: 10\r\n\r\nabc`);
      return await connection.gone;
    }
    if (path === "/stuck-without-length") {
      await connection.write(`${head}\r\nabc`);
      return await connection.gone;
    }
    if (path === "/gzip" || path === "/zstd") {
      const encoding = path.slice(1) as keyof typeof compressed;
      await connection.write(`${head}Content-Encoding: ${encoding}\r\n\r\n`);
      return await connection.writeBytes(compressed[encoding]);
    }
    if (path === "/tiny-chunks") {
      await connection.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
      return await connection.write(`${"1\r\na\r\n".repeat(200_000)}0\r\n\r\n`);
    }
    if (path === "/endless") {
      let written = 0;
      const piece = new Uint8Array(64 * 1024);
      try {
        await connection.write(`${head}\r\n`);
        for (;; written += piece.length) await connection.writeBytes(piece);
      } catch {
        endless.resolve(written);
      }
      return;
    }
    const length = Number(path.slice(1));
    await connection.write(`${head}Content-Length: ${length}\r\n\r\n`);
    const piece = new Uint8Array(256 * 1024).fill(65);
    for (let sent = 0; sent < length; sent += piece.length) {
      await connection.writeBytes(piece.subarray(0, Math.min(piece.length, length - sent)));
    }
  });
  return { ...peer, endless: endless.promise };
}

function ask(operations: Callable, url: string, params = {}) {
  return operations.call("http/request", { method: "GET", url, requestId: "r", ...params });
}

/** The pieces of a streamed body up to the final one. */
async function body(operations: Callable): Promise<{ bytes: number; pieces: number; error: string | null }> {
  let bytes = 0;
  for (let pieces = 0;; pieces++) {
    const { method, params } = await operations.next();
    strictEqual(method, "http/request/bodyDelta");
    strictEqual(params.requestId, "r");
    strictEqual(params.seq, pieces + 1);
    const { length } = Uint8Array.fromBase64(params.deltaBase64);
    if (params.done) {
      strictEqual(length, 0);
      return { bytes, pieces, error: params.error };
    }
    strictEqual(params.error, null);
    ok(length > 0 && length <= HTTP_BODY_DELTA_BYTES);
    bytes += length;
  }
}

for (const runtime of runtimes) {
  const test = (name: string, run: () => Promise<void>) =>
    Deno.test(`http/request on ${runtime} ${name}`, run);

  test("refuses a body that breaks off", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime);
    for (const path of ["/short", "/cut", "/garbled"]) {
      const { error } = await ask(operations, peer.url + path);
      strictEqual(error?.code, -32603);
      match(error.message, /^failed to read http\/request response body: error decoding response body: ./);
    }
  });

  test("streams a body as numbered pieces after the answer", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime);
    const { result } = await ask(operations, `${peer.url}/5000000`, { streamResponse: true });
    strictEqual(result.bodyBase64, "");
    const { bytes, error } = await body(operations);
    deepStrictEqual([bytes, error], [5_000_000, null]);
    await ask(operations, `${peer.url}/0`, { streamResponse: true });
    deepStrictEqual(await body(operations), { bytes: 0, pieces: 0, error: null });
  });

  test("tells in the final piece why a streamed body is incomplete", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime);
    for (const path of ["/short", "/cut", "/garbled"]) {
      strictEqual((await ask(operations, peer.url + path, { streamResponse: true })).result.status, 200);
      const { bytes, error } = await body(operations);
      strictEqual(bytes, 3);
      match(error!, /^error decoding response body: ./);
    }
  });

  test("times the whole exchange, a streamed body included", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime);
    for (const streamResponse of [false, true]) {
      const { error } = await ask(operations, `${peer.url}/hang`, { timeoutMs: 100, streamResponse });
      deepStrictEqual(error, {
        code: -32603,
        message:
          `http/request failed: error sending request for url (${peer.url}/hang): timed out after 100 ms`,
      });
    }
    // Long enough for the head to arrive on a busy machine.
    const timeoutMs = 1_500;
    const text = "error decoding response body: timed out after 1500 ms";
    const { error } = await ask(operations, `${peer.url}/stuck`, { timeoutMs });
    strictEqual(error.message, `failed to read http/request response body: ${text}`);
    const streamed = await ask(operations, `${peer.url}/stuck`, { timeoutMs, streamResponse: true });
    strictEqual(streamed.result.status, 200);
    deepStrictEqual(await body(operations), { bytes: 3, pieces: 1, error: text });
    const withoutLength = await ask(operations, `${peer.url}/stuck-without-length`, { timeoutMs });
    strictEqual(withoutLength.error.message, `failed to read http/request response body: ${text}`);
    await ask(operations, `${peer.url}/stuck-without-length`, { timeoutMs, streamResponse: true });
    deepStrictEqual(await body(operations), { bytes: 3, pieces: 1, error: text });
    match((await ask(operations, `${peer.url}/0`, { timeoutMs: 0 })).error.message, /timed out after 0 ms$/);
    strictEqual(
      (await ask(operations, `${peer.url}/0`, { timeoutMs: Number.MAX_SAFE_INTEGER })).result.status,
      200,
    );
  });

  test("keeps the ids of streamed bodies apart until the final piece", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime, { env: { HOLD_DELTAS: "" } });
    await ask(operations, `${peer.url}/3`, { streamResponse: true });
    deepStrictEqual((await ask(operations, `${peer.url}/0`, { streamResponse: true })).error, {
      code: -32602,
      message: "http/request streamResponse requestId `r` is already active",
    });
    strictEqual((await ask(operations, `${peer.url}/0`)).result.status, 200);
    operations.send({ ack: true });
    deepStrictEqual(await body(operations), { bytes: 3, pieces: 1, error: null });
    strictEqual((await ask(operations, `${peer.url}/0`, { streamResponse: true })).result.status, 200);
    strictEqual(
      (await ask(operations, "http://127.0.0.1:1/", { requestId: "s", streamResponse: true })).error.code,
      -32603,
    );
    strictEqual(
      (await ask(operations, `${peer.url}/0`, { requestId: "s", streamResponse: true })).result.status,
      200,
    );
  });

  test("reads no further than a slow client takes, and lets go when it leaves", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime, { env: { HOLD_DELTAS: "" } });
    await ask(operations, `${peer.url}/endless`, { streamResponse: true });
    for (let pieces = 0; pieces < 3; pieces++) {
      strictEqual((await operations.next()).params.done, false);
      operations.send({ ack: true });
    }
    strictEqual((await operations.next()).params.seq, 4);
    // The fourth was not taken, so there is no fifth, nor a final one for a client that has left.
    deepStrictEqual(await operations.hangUp(), [{ method: "disposed" }]);
    // What the peer could write is what buffers took on the way, not what it had.
    ok(await peer.endless < 32 * 1024 * 1024);
  });

  test("ends whatever waits when the connection goes", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime);
    const hanging = ask(operations, `${peer.url}/hang`);
    await ask(operations, `${peer.url}/stuck`, { streamResponse: true });
    while (peer.requests.length < 2) await operations.next();
    const rest = operations.hangUp();
    match((await hanging).error.message, /the connection has gone$/);
    deepStrictEqual((await rest).map(({ method }) => method).at(-1), "disposed");
  });

  test("refuses a body above the limit with the way round it", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime);
    for (const path of [`/${HTTP_BUFFERED_BODY_BYTES + 1}`, "/endless", "/gzip", "/zstd"]) {
      const { error } = await ask(operations, peer.url + path);
      strictEqual(error?.code, -32603);
      match(
        error.message,
        /^failed to read http\/request response body: it is larger .* with streamResponse$/,
      );
    }
    const { result } = await ask(operations, `${peer.url}/${HTTP_BUFFERED_BODY_BYTES}`);
    strictEqual(result.bodyBase64.length, Math.ceil(HTTP_BUFFERED_BODY_BYTES / 3) * 4);
  });

  test("puts small chunks together", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime);
    await ask(operations, `${peer.url}/tiny-chunks`, { streamResponse: true });
    const { bytes, pieces, error } = await body(operations);
    deepStrictEqual([bytes, error], [200_000, null]);
    ok(pieces < 20_000, `${pieces} pieces`);
    const { result } = await ask(operations, `${peer.url}/tiny-chunks`);
    strictEqual(atob(result.bodyBase64), "a".repeat(200_000));
  });

  test("decompresses no further than a slow client takes", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime, { env: { HOLD_DELTAS: "" } });
    for (const path of ["/gzip", "/zstd"]) {
      await ask(operations, peer.url + path, { requestId: path, streamResponse: true });
      strictEqual((await operations.next()).params.done, false);
    }
    // Neither had its first piece taken, so there is no second, of 128 MiB that are there.
    deepStrictEqual(await operations.hangUp(), [{ method: "disposed" }]);
  });

  test("streams all that a small body expands to", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime);
    for (const path of ["/gzip", "/zstd"]) {
      await ask(operations, peer.url + path, { streamResponse: true });
      const { bytes, error } = await body(operations);
      deepStrictEqual([bytes, error], [2 ** 27, null]);
    }
  });

  test("refuses more requests at once than one connection may have", async () => {
    await using peer = difficult();
    await using operations = startOperations(runtime);
    const hanging = Array.from({ length: HTTP_REQUESTS }, () => ask(operations, `${peer.url}/hang`));
    deepStrictEqual((await ask(operations, `${peer.url}/0`)).error, {
      code: -32600,
      message: `at most ${HTTP_REQUESTS} http requests may be active per connection`,
    });
    const rest = operations.hangUp();
    for (const { error } of await Promise.all(hanging)) match(error.message, /the connection has gone$/);
    await rest;
  });
}
