import { deepStrictEqual, notDeepStrictEqual } from "node:assert/strict";
import { type Callable, runtimes, startOperations, startReference } from "../support/callable.ts";
import { listenRaw } from "../support/raw_http_peer.ts";
import { type OddAnswer, oddAnswers, text } from "./odd_answers.ts";

const env = { HTTP_PROXY: undefined, http_proxy: undefined };

/** What came of an answer, in what both servers must agree on: not the words of a failure. */
async function observe(callable: Callable, { name, params }: OddAnswer, peer: string) {
  const asked = { method: "GET", requestId: "r", url: `${peer}/${encodeURIComponent(name)}`, ...params };
  const { result, error } = await callable.call("http/request", asked);
  if (error) return { code: error.code };
  const deltas = [];
  while (params?.streamResponse && deltas.at(-1)?.done !== true) deltas.push((await callable.next()).params);
  const pieces = [result.bodyBase64, ...deltas.map(({ deltaBase64 }) => deltaBase64)];
  const body = pieces.map((piece) => new TextDecoder("latin1").decode(Uint8Array.fromBase64(piece))).join("");
  const failed = typeof deltas.at(-1)?.error === "string";
  // How much of a body is there before it fails depends on how its bytes come.
  return { status: result.status, headers: sorted(result.headers), body: failed ? undefined : body, failed };
}

function sorted(headers: { name: string; value: string }[]): string[] {
  return headers.map(({ name, value }) => `${name}: ${value}`).sort();
}

function listen() {
  const bytesOf = new Map(oddAnswers.map(({ name, bytes }) => [`/${encodeURIComponent(name)}`, bytes]));
  return listenRaw(({ path }, connection) => connection.writeBytes(bytesOf.get(path)!));
}

for (const runtime of runtimes) {
  Deno.test(`http/request on ${runtime} takes odd answers as the reference server does`, async () => {
    await using peer = listen();
    await using reference = await startReference({ env });
    await using operations = startOperations(runtime, { env });
    for (const answer of oddAnswers.filter(({ own }) => !own)) {
      const [ours, theirs] = [
        await observe(operations, answer, peer.url),
        await observe(reference, answer, peer.url),
      ];
      deepStrictEqual(ours, theirs, answer.name);
    }
  });

  Deno.test(`http/request on ${runtime} does on purpose what the reference server does not`, async () => {
    await using peer = listen();
    await using reference = await startReference({ env });
    await using operations = startOperations(runtime, { env });
    for (const answer of oddAnswers.filter(({ own }) => own)) {
      const [ours, theirs] = [
        await observe(operations, answer, peer.url),
        await observe(reference, answer, peer.url),
      ];
      notDeepStrictEqual(ours, theirs, answer.name);
    }
  });

  Deno.test(`http/request on ${runtime} decodes what a peer compressed`, async () => {
    await using peer = listen();
    await using operations = startOperations(runtime, { env });
    const bodies: Record<string, string> = {
      "gzip": text,
      "zstd": text,
      "gzip in two members": "one two",
      "zstd in two frames": "one two",
      "gzip and garbage": "one ",
      "HEAD of gzip": "",
      "204 called gzip": "",
      "206 of gzip": text,
      "gzip that was not asked for": text,
      "one Content-Length twice": "abc",
      "lines that end with LF": "abc",
    };
    for (const [name, expected] of Object.entries(bodies)) {
      const { body, headers } = await observe(
        operations,
        oddAnswers.find((odd) => odd.name === name)!,
        peer.url,
      );
      deepStrictEqual(body, expected, name);
      deepStrictEqual(headers?.filter((line) => /^content-encoding/.test(line)), [], name);
    }
    for (
      const name of ["no gzip at all", "gzip and half a member", "zstd cut in its block", "zstd and garbage"]
    ) {
      const answer = oddAnswers.find((odd) => odd.name === name)!;
      deepStrictEqual(await observe(operations, answer, peer.url), { code: -32603 }, name);
      const { failed } = await observe(operations, { ...answer, params: { streamResponse: true } }, peer.url);
      deepStrictEqual(failed, true, name);
    }
  });
}
