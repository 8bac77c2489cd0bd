import { deepStrictEqual as equals, match, ok, strictEqual as is, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import {
  formatBinaryAnswer,
  formatOutputHead,
  parseBinaryAnswer,
} from "../../src/protocol/binary_answers.ts";
import { formatFrameHead, isFrame, parseFrame } from "../../src/protocol/binary_frame.ts";
import { formatBinaryRequest, paramsInText, parseBinaryRequest } from "../../src/protocol/binary_requests.ts";
import { formatRequest, parseMessage } from "../../src/protocol/envelope.ts";
import { frame, fromFrame, toFrame } from "../support/wire_frames.ts";

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 200 });
const number = fc.oneof(fc.nat(), fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, 2 ** 53 - 1));

function whole({ head, bytes }: { head: Uint8Array; bytes: Uint8Array }): Uint8Array {
  return new Uint8Array([...head, ...bytes]);
}

Deno.test("a request as a frame is the request that it is in JSON", () => {
  const requests = fc.oneof(
    fc.record(
      { processId: text, writeId: text, chunk: bytes, fd: fc.integer({ min: 3, max: 63 }) },
      { requiredKeys: ["processId", "writeId", "chunk"] },
    ).map((params) => ["process/write", params] as const),
    fc.record({ handleId: text, offset: number, chunk: bytes }).map((params) =>
      ["fs/writeBlock", params] as const
    ),
    fc.record({ path: text, dataBase64: bytes, followSymlinks: fc.boolean() }).map((params) =>
      ["fs/writeFile", params] as const
    ),
  );
  fc.assert(fc.property(number, requests, (id, [method, params]) => {
    const framed = whole(formatBinaryRequest(id, method, params)!);
    const inText = paramsInText(method, params);
    equals(framed, new Uint8Array(toFrame({ id, method, params: inText })!));
    const parsed = parseBinaryRequest(framed);
    ok(parsed.kind === "request");
    const json = parseMessage(formatRequest(id, method, inText));
    equals({ ...parsed, params: paramsInText(method, parsed.params) }, json);
  }));
});

Deno.test("output comes with its name, stream, number and bytes, whatever they are", () => {
  const stream = fc.constantFrom("stdout", "stderr", "pty", "fd3", "fd40", "fd63");
  fc.assert(fc.property(text, number, stream, bytes, (processId, seq, stream, chunk) => {
    const head = formatOutputHead(new TextEncoder().encode(processId), seq, stream);
    const framed = whole({ head, bytes: chunk });
    const message = parseBinaryAnswer(framed);
    equals(message, {
      kind: "notification",
      method: "process/output",
      params: { processId, seq, stream, chunk },
    });
    equals(fromFrame(framed).params, { processId, seq, stream, chunk: chunk.toBase64() });
  }));
});

Deno.test("the answers that are bytes come with the id of their request", () => {
  for (const id of ["0", "7", "4294967296", "9007199254740993", "9223372036854775807"]) {
    const block = whole(formatBinaryAnswer(id, { kind: "block", bytes: new Uint8Array([1, 2]), eof: true })!);
    equals(parseBinaryAnswer(block), {
      kind: "response",
      id,
      outcome: { result: { chunk: new Uint8Array([1, 2]), eof: true } },
    });
  }
  const file = whole(formatBinaryAnswer("5", { kind: "file", bytes: new Uint8Array(0) })!);
  equals(parseBinaryAnswer(file), {
    kind: "response",
    id: "5",
    outcome: { result: { dataBase64: new Uint8Array(0) } },
  });
});

Deno.test("an id that no frame can hold is answered in JSON", () => {
  for (const id of ['"7"', "-1", '""']) {
    is(formatBinaryAnswer(id, { kind: "file", bytes: new Uint8Array(1) }), undefined);
  }
});

Deno.test("a request that has more than a frame holds goes as JSON", () => {
  const chunk = new Uint8Array(1);
  const none = (method: string, params: unknown) => is(formatBinaryRequest(1, method, params), undefined);
  none("process/write", { processId: "p".repeat(65_536), writeId: "1", chunk });
  none("process/write", { processId: "\ud800", writeId: "1", chunk });
  none("process/write", { processId: "p", writeId: "1", chunk: "AA==" });
  none("process/write", { processId: "p", writeId: "1", chunk, more: 1 });
  none("process/write", { processId: 5, writeId: "1", chunk });
  for (const fd of [2, 64, 3.5, "3"]) none("process/write", { processId: "p", writeId: "1", chunk, fd });
  none("fs/writeBlock", { handleId: "h", offset: -1, chunk });
  none("fs/writeBlock", { handleId: "h", offset: 1.5, chunk });
  none("fs/writeFile", { path: "file:///f", sandbox: {}, dataBase64: chunk });
  none("process/start", { processId: "p", chunk });
  none("nothing/like", { chunk });
  ok(formatBinaryRequest(1, "process/write", { processId: "€".repeat(16_384), writeId: "1", chunk }));
  throws(() => formatRequest(1, "process/write", { processId: "\ud800" }), { name: "TypeError" });
});

Deno.test("a frame is told from JSON by its first byte", () => {
  for (const json of ["{", " {", "\t{", "\ufeff{", "é", "😀"]) {
    is(isFrame(new TextEncoder().encode(json)), false);
  }
  is(isFrame(new Uint8Array(0)), false);
  for (const kind of [0x80, 0x81, 0x91, 0xbf]) is(isFrame(new Uint8Array([kind])), true);
});

Deno.test("what is no frame is malformed, and says how", () => {
  const refused = (message: Uint8Array, why: RegExp) => {
    const parsed = parseBinaryRequest(message);
    ok(parsed.kind === "malformed");
    match(parsed.reason, why);
  };
  const write = { kind: 0x91, first: "p", second: "1", bytes: new Uint8Array(3) };
  const good = frame(write);
  for (let length = 1; length < 24; length++) refused(good.subarray(0, length), /at least 24 bytes/);
  refused(good.subarray(0, 25), /within its texts/);
  refused(frame({ ...write, kind: 0x80 }), /kind 128 is not known/);
  refused(frame({ ...write, kind: 0x81 }), /kind 129 is not known/);
  for (const detail of [1, 2, 64, 255]) refused(frame({ ...write, detail }), /no flags/);
  refused(frame({ ...write, kind: 0x93, detail: 2 }), /no flags 2/);
  refused(frame({ ...write, first: new Uint8Array([0xc3, 0x28]) }), /not UTF-8/);
  refused(frame({ ...write, number: 2n ** 63n }), /63 bits/);
  const reserved = frame(write);
  reserved[7] = 1;
  refused(reserved, /must be 0/);
  for (const wrong of [frame({ ...write, kind: 0x81, detail: 64 }), frame({ kind: 0x82, detail: 2 }), good]) {
    is(parseBinaryAnswer(wrong).kind, "malformed");
  }
  is(parseBinaryAnswer(frame({ kind: 0x81, first: "p", number: 2n ** 63n })).kind, "malformed");
});

Deno.test("few bytes of a large buffer are taken out of it", () => {
  const large = new Uint8Array(65_536);
  const head = formatFrameHead({ kind: 0x81, number: 1 })!;
  large.set(head, 100);
  const parsed = parseFrame(large.subarray(100, 100 + head.length + 10));
  ok(typeof parsed === "object");
  is(parsed.bytes.length, 10);
  is(parsed.bytes.buffer.byteLength, 10);
});

Deno.test("what comes in a buffer of Node is no such buffer, and is nobody else's", () => {
  for (const size of [10, 60_000]) {
    const large = Buffer.alloc(65_536);
    frame({ kind: 0x81, bytes: new Uint8Array(size).fill(7) }).copy(large);
    const parsed = parseFrame(large.subarray(0, 24 + size));
    ok(typeof parsed === "object");
    is(Object.getPrototypeOf(parsed.bytes), Uint8Array.prototype);
    if (size === 10) large.fill(0);
    is(parsed.bytes.every((byte) => byte === 7), true);
  }
});
