import { deepStrictEqual, rejects } from "node:assert/strict";
import { ByteSource } from "../../src/http_request/byte_source.ts";
import { chunkedBody } from "../../src/http_request/chunked_body.ts";
import { GatheredBytes } from "../../src/http_request/gathered_bytes.ts";

/** The pieces that a chunked body comes out in, when it goes in in pieces of some length. */
async function pieces(text: string, length: number): Promise<string[]> {
  const bytes = new TextEncoder().encode(text);
  const source = new ByteSource((async function* () {
    for (let at = 0; at < bytes.length; at += length) yield bytes.slice(at, at + length);
  })());
  const found: string[] = [];
  for await (const piece of chunkedBody(source)) found.push(new TextDecoder().decode(piece));
  return found;
}

Deno.test("a chunked body is the same however its bytes come", async () => {
  const text = "3\r\nabc\r\nA;x=y\r\n0123456789\r\n1 \r\nZ\r\n0\r\nTrailer: x\r\n\r\n";
  for (let length = 1; length <= text.length; length++) {
    deepStrictEqual((await pieces(text, length)).join(""), "abc0123456789Z", `${length} bytes at a time`);
  }
});

Deno.test("chunks that came together go on together", async () => {
  deepStrictEqual(await pieces("1\r\na\r\n".repeat(1000) + "0\r\n\r\n", 10_000), ["a".repeat(1000)]);
});

Deno.test("a chunked body breaks off where it makes no sense, behind what came before", async () => {
  for (
    const end of [
      "",
      "ZZ\r\n",
      "2\r\nabc\r\n",
      "ffffffffffffffff\r\n",
      "1\nx\r\n",
      `1;${"x".repeat(2 ** 19)}`,
    ]
  ) {
    const found: string[] = [];
    await rejects(async () => {
      const source = new ByteSource(ReadableStream.from([new TextEncoder().encode(`3\r\nabc\r\n${end}`)]));
      for await (const piece of chunkedBody(source)) found.push(new TextDecoder().decode(piece));
    }, Error);
    deepStrictEqual(found.join("").slice(0, 3), "abc");
  }
});

Deno.test("bytes are gathered in few blocks, whatever the size of their pieces", () => {
  for (const size of [1, 1000, 65_536, 100_000]) {
    const gathered = new GatheredBytes();
    const whole = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
    for (let at = 0; at < whole.length; at += size) gathered.add(whole.slice(at, at + size));
    deepStrictEqual(gathered.take(), whole);
  }
});
