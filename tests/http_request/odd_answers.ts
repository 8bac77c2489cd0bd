/** Answers to `http/request` that a peer may give: compressed in every way, cut, followed by more, and loosely written. */
import { Buffer } from "node:buffer";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";

/** One answer, whole. */
export interface OddAnswer {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What is asked beside the URL. */
  readonly params?: Record<string, unknown>;
  /** Set where this program does on purpose what the reference server does not. */
  readonly own?: true;
}

export const text = "hello ".repeat(50);

const raw = (head: string, body: Uint8Array | string = "") =>
  Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(body as string, "latin1")]);
const joined = (...parts: (Uint8Array | string)[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const changed = (bytes: Uint8Array, fromEnd: number) => {
  const copy = Buffer.from(bytes);
  copy[copy.length - fromEnd]! ^= 1;
  return copy;
};
const gzip = (content: Uint8Array | string) => gzipSync(content);
const zstd = (content: string) => zstdCompressSync(content);
const zstdChecked = zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
/** A zstd frame that asks for a window of so many bits: one stored block. */
const windowed = (bits: number) =>
  joined(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (bits - 10) << 3, (2 << 3) | 1, 0, 0]), "hi");

const bodies: [name: string, encoding: string, body: Uint8Array, own?: true][] = [
  ["gzip", "gzip", gzip(text)],
  ["gzip of nothing", "gzip", gzip("")],
  ["no gzip at all", "gzip", Buffer.from("not compressed at all")],
  ["an empty body called gzip", "gzip", Buffer.alloc(0)],
  ["gzip in two members", "gzip", joined(gzip("one "), gzip("two")), true],
  ["gzip and garbage", "gzip", joined(gzip("one "), "garbage garbage")],
  ["gzip and zeros", "gzip", joined(gzip("one "), Buffer.alloc(20))],
  ["gzip and one byte of a member", "gzip", joined(gzip("one "), Buffer.from([0x1f]))],
  ["gzip and half a member", "gzip", joined(gzip("one "), gzip("two").subarray(0, 12)), true],
  ["gzip without its trailer", "gzip", gzip(text).subarray(0, -8)],
  ["gzip cut in its trailer", "gzip", gzip(text).subarray(0, -4)],
  ["gzip cut in its header", "gzip", gzip(text).subarray(0, 6)],
  ["gzip with a wrong checksum", "gzip", changed(gzip(text), 6)],
  ["gzip with a wrong length", "gzip", changed(gzip(text), 1)],
  ["zstd", "zstd", zstd(text)],
  ["zstd of nothing", "zstd", zstd("")],
  ["no zstd at all", "zstd", Buffer.from("not compressed at all")],
  ["an empty body called zstd", "zstd", Buffer.alloc(0)],
  ["zstd in two frames", "zstd", joined(zstd("one "), zstd("two"))],
  ["zstd and garbage", "zstd", joined(zstd("one "), "garbage")],
  ["zstd and zeros", "zstd", joined(zstd("one "), Buffer.alloc(20))],
  ["zstd and one byte of a frame", "zstd", joined(zstd("one "), Buffer.from([0x28]))],
  ["zstd cut in its block", "zstd", zstd(text).subarray(0, -3)],
  ["zstd cut in its header", "zstd", zstd(text).subarray(0, 3)],
  ["zstd with a checksum", "zstd", zstdChecked],
  ["zstd with a wrong checksum", "zstd", changed(zstdChecked, 1)],
  ["zstd cut in its checksum", "zstd", zstdChecked.subarray(0, -2)],
  ["zstd behind a skippable frame", "zstd", joined(skippable, zstd(text))],
  ["zstd before a skippable frame", "zstd", joined(zstd(text), skippable)],
  ["zstd before half a skippable frame", "zstd", joined(zstd(text), skippable.subarray(0, 9))],
  ["a skippable frame alone", "zstd", skippable],
  ["zstd with the largest window", "zstd", windowed(27)],
  ["zstd with too large a window", "zstd", windowed(28)],
  ["zstd called gzip", "gzip", zstd(text)],
  ...["GZIP", "x-gzip", " gzip ", "gzip, gzip", "gzip;q=1", "identity, gzip", "br", "deflate", "identity", ""]
    .map((encoding): [string, string, Uint8Array] => [`gzip called '${encoding}'`, encoding, gzip(text)]),
  ["gzip twice, on two lines", "gzip\r\nContent-Encoding: gzip", gzip(gzip(text))],
  ["gzip, another line says br", "gzip\r\nContent-Encoding: br", gzip(text)],
  ["br, another line says gzip", "br\r\nContent-Encoding: gzip", gzip(text)],
];

const encoded = bodies.flatMap(([name, encoding, body, own]): OddAnswer[] => {
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\n`;
  const withLength = raw(`${head}Content-Length: ${body.length}\r\n\r\n`, body);
  return [
    { name, bytes: withLength, own },
    { name: `${name}, streamed`, bytes: withLength, own, params: { streamResponse: true } },
    { name: `${name}, to the end of the connection`, bytes: raw(`${head}\r\n`, body), own },
  ];
});

const called = "Content-Encoding: gzip\r\n";
const length = `Content-Length: ${gzip(text).length}\r\n`;
const chunked = "Transfer-Encoding: chunked\r\n";
const asked = (name: string, value: string) => ({ headers: [{ name, value }] });
const answers: [name: string, bytes: Uint8Array, params?: Record<string, unknown>][] = [
  ["HEAD of gzip", raw(`HTTP/1.1 200 OK\r\n${called}${length}\r\n`), { method: "HEAD" }],
  ["204 called gzip", raw(`HTTP/1.1 204 None\r\n${called}\r\n`)],
  ["304 called gzip", raw(`HTTP/1.1 304 Same\r\n${called}${length}\r\n`)],
  ["500 in gzip", raw(`HTTP/1.1 500 Bad\r\n${called}${length}\r\n`, gzip(text))],
  [
    "206 of gzip",
    raw(`HTTP/1.1 206 Part\r\n${called}${length}\r\n`, gzip(text)),
    asked("Range", "bytes=0-31"),
  ],
  [
    "206 of a part of gzip",
    raw(`HTTP/1.1 206 Part\r\n${called}Content-Length: 9\r\n\r\n`, gzip(text).subarray(0, 9)),
  ],
  ["a redirect in gzip", raw(`HTTP/1.1 302 To\r\nLocation: /x\r\n${called}${length}\r\n`, gzip(text)), {
    redirectPolicy: "stop",
  }],
  [
    "gzip that was not asked for",
    raw(`HTTP/1.1 200 OK\r\n${called}${length}\r\n`, gzip(text)),
    asked("accept-encoding", "br"),
  ],
  [
    "whole gzip in a body cut short",
    raw(`HTTP/1.1 200 OK\r\n${called}Content-Length: 99\r\n\r\n`, gzip(text)),
  ],
  [
    "whole gzip, no last chunk",
    raw(`HTTP/1.1 200 OK\r\n${called}${chunked}\r\n20\r\n`, joined(gzip(text), "\r\n")),
  ],
  ...[
    ["one Content-Length twice", "Content-Length: 3\r\nX: 1\r\nContent-Length: 3"],
    ["one Content-Length in a list", "Content-Length: 3, 3"],
    ["one Content-Length in two forms", "Content-Length: 03\r\nContent-Length: 3"],
    ["two Content-Lengths", "Content-Length: 3\r\nContent-Length: 2"],
    ["two Content-Lengths in a list", "Content-Length: 3, 2"],
    ["a Content-Length with a sign", "Content-Length: +3"],
    ["a negative Content-Length", "Content-Length: -1"],
    ["an empty Content-Length", "Content-Length:"],
    ["a Content-Length beyond all numbers", "Content-Length: 99999999999999999999"],
    ["a Transfer-Encoding that is none", "Transfer-Encoding: identity\r\nContent-Length: 3"],
    ["a blank before a colon", "X : 1\r\nContent-Length: 3"],
    ["a continued line", "X: 1\r\n  2\r\nContent-Length: 3"],
    ["a line without a colon", "nonsense\r\nContent-Length: 3"],
    ["a line without a name", ": 1\r\nContent-Length: 3"],
    ["a NUL in a value", "X: a\0b\r\nContent-Length: 3"],
    ["a control character in a value", "X: a\x01b\r\nContent-Length: 3"],
    ["a carriage return in a value", "X: a\rb\r\nContent-Length: 3"],
    ["tabs around a value", "X:\ta\t\r\nContent-Length: 3"],
  ].map(([name, lines]): [string, Uint8Array] => [name!, raw(`HTTP/1.1 200 OK\r\n${lines}\r\n\r\nabc`)]),
  ...[
    ["lines that end with LF", "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc"],
    ["some lines that end with LF", "HTTP/1.1 200 OK\r\nX: 1\nContent-Length: 3\r\n\nabc"],
    ["lines that end with CR", "HTTP/1.1 200 OK\rContent-Length: 3\r\rabc"],
    ["blank lines first", "\r\n\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"],
    ["no reason", "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc"],
    ["a reason beyond ASCII", "HTTP/1.1 200 Gr\xfc\xdf\r\nContent-Length: 3\r\n\r\nabc"],
    ["two blanks before the status", "HTTP/1.1  200 OK\r\nContent-Length: 3\r\n\r\nabc"],
    ["a status of two digits", "HTTP/1.1 99 OK\r\nContent-Length: 3\r\n\r\nabc"],
    ["a status of four digits", "HTTP/1.1 1000 OK\r\nContent-Length: 3\r\n\r\nabc"],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nabc"],
    ["HTTP/1.0 in chunks", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
    ["HTTP/2.0 in text", "HTTP/2.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"],
    ["HTTP/0.9", "hello world"],
    ["another protocol", "ICY 200 OK\r\n\r\nabc"],
    [
      "an early answer first",
      "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    ],
    ["another protocol from here", "HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\nabc"],
    ["more than the length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef"],
    ["a body where none can be", "HTTP/1.1 204 OK\r\nContent-Length: 3\r\n\r\nabc"],
    ["half a head", "HTTP/1.1 200 OK\r\n"],
    ["nothing", ""],
  ].map(([name, bytes]): [string, Uint8Array] => [name!, raw(bytes!)]),
  ...[
    ["chunks", "3\r\nabc\r\n0\r\n\r\n"],
    ["chunks with extensions", "3;a=b\r\nabc\r\n0;c\r\n\r\n"],
    ["chunks with blanks behind their sizes", "3 \r\nabc\r\n0\t\r\n\r\n"],
    ["chunks with zeros before their sizes", "0003\r\nabc\r\n0\r\n\r\n"],
    ["chunks and trailers", "3\r\nabc\r\n0\r\nX: 1\r\nY: 2\r\n\r\n"],
    ["chunks whose sizes end with LF", "3\nabc\r\n0\r\n\r\n"],
    ["a chunk without a size", "\r\nabc\r\n0\r\n\r\n"],
    ["a chunk of a size beyond all numbers", "fffffffffffffffff\r\nabc\r\n0\r\n\r\n"],
    ["a chunk longer than its size", "2\r\nabc\r\n0\r\n\r\n"],
    ["chunks without the last line", "3\r\nabc\r\n0\r\n"],
    ["chunks without the last one", "3\r\nabc\r\n"],
  ].flatMap(([name, body]): [string, Uint8Array, Record<string, unknown>][] =>
    [false, true].map((streamResponse) => [
      streamResponse ? `${name}, streamed` : name!,
      raw(`HTTP/1.1 200 OK\r\n${chunked}\r\n${body}`),
      { streamResponse },
    ])
  ),
  [
    "chunks, and a length",
    raw(`HTTP/1.1 200 OK\r\n${chunked}Content-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n`),
  ],
  [
    "a length, and chunks",
    raw(`HTTP/1.1 200 OK\r\nContent-Length: 9\r\n${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`),
  ],
  ["chunks, twice said", raw(`HTTP/1.1 200 OK\r\n${chunked}${chunked}\r\n3\r\nabc\r\n0\r\n\r\n`)],
];

export const oddAnswers: readonly OddAnswer[] = [
  ...encoded,
  ...answers.map(([name, bytes, params]) => ({ name, bytes, params })),
];
