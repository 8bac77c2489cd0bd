import { Buffer } from "node:buffer";
import { ARCHIVE_HEADER_BYTES } from "../../limits.ts";
import { invalid } from "../../native/operation_error.ts";
import { pathFromBytes, pathToBytes } from "../../native/path_text.ts";
import type { ArchiveEntry } from "./archive_entry.ts";

/** The headers of a tar archive, in the form of POSIX (pax): names of any length and any bytes, files of any size. */

/** An archive is made of blocks of so many bytes. */
export const BLOCK_BYTES = 512;

/** What an archive ends with. */
export const endOfArchive: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);

const types = { file: "0", link: "2", directory: "5" } as const;
const EXTENDED = "x";

/** Bytes between the end of an entry's content and the next block. */
export function paddingOf(size: number): number {
  return (BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES;
}

/** The blocks before an entry's content. */
export function encodeHeader(entry: ArchiveEntry): Uint8Array {
  const { kind, size, modifiedAtMs, target = "", offset, wholeSize } = entry;
  const name = Buffer.from(pathToBytes(`./${entry.path}${kind === "directory" && entry.path ? "/" : ""}`));
  const link = Buffer.from(pathToBytes(target));
  const records: Buffer[] = [];
  const add = (key: string, value: string | Buffer) => records.push(record(key, value));
  if (name.length > NAME_BYTES) add("path", name);
  if (link.length > NAME_BYTES) add("linkpath", link);
  if (size > LARGEST_OCTAL) add("size", String(size));
  if (modifiedAtMs % 1000 !== 0 || modifiedAtMs < 0) add("mtime", (modifiedAtMs / 1000).toFixed(3));
  if (offset) add("EXECSERVER.offset", String(offset));
  if (wholeSize !== undefined) add("EXECSERVER.size", String(wholeSize));
  const own = block({ name, link, type: types[kind], size, mode: entry.mode, seconds: modifiedAtMs / 1000 });
  if (records.length === 0) return own;
  const body = Buffer.concat(records);
  const header = block({
    name: paxName,
    link: none,
    type: EXTENDED,
    size: body.length,
    mode: 0o600,
    seconds: 0,
  });
  return Buffer.concat([header, body, Buffer.alloc(paddingOf(body.length)), own]);
}

const NAME_BYTES = 100;
const LARGEST_OCTAL = 8 ** 11 - 1;
const paxName = Buffer.from("./PaxHeaders/entry");
const none = Buffer.alloc(0);

interface Fields {
  readonly name: Buffer;
  readonly link: Buffer;
  readonly type: string;
  readonly size: number;
  readonly mode: number;
  readonly seconds: number;
}

function block({ name, link, type, size, mode, seconds }: Fields): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, at: number, length: number) => {
    const number = Math.min(Math.max(0, Math.floor(value)), 8 ** (length - 1) - 1);
    bytes.write(number.toString(8).padStart(length - 1, "0"), at, "latin1");
  };
  name.copy(bytes, 0, 0, NAME_BYTES);
  octal(mode & 0o7777, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(seconds, 136, 12);
  bytes.write("        ", 148, "latin1");
  bytes.write(type, 156, "latin1");
  link.copy(bytes, 157, 0, NAME_BYTES);
  bytes.write("ustar\u000000", 257, "latin1");
  octal(checksumOf(bytes), 148, 7);
  return bytes;
}

function checksumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum;
}

/** One record of an extended header. Its length counts its own digits, too. */
function record(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** What reads the bytes of an archive, in order. */
export interface HeaderSource {
  /** Exactly so many bytes. @throws {Error} where the archive ends before */
  take(length: number): Promise<Uint8Array>;
}

/**
 * The next entry of an archive; undefined at its end.
 *
 * @throws {OperationError} INVALID for what is no archive
 */
export async function decodeHeader(source: HeaderSource): Promise<ArchiveEntry | undefined> {
  const extended = new Map<string, Buffer>();
  for (;;) {
    const bytes = Buffer.from(await source.take(BLOCK_BYTES));
    if (bytes.every((byte) => byte === 0)) return undefined;
    checkSum(bytes);
    const type = bytes.toString("latin1", 156, 157);
    const size = numberAt(bytes, 124, 12);
    if (type !== EXTENDED && type !== "L" && type !== "K" && type !== "g") {
      return entryOf(bytes, type, extended);
    }
    if (size > ARCHIVE_HEADER_BYTES) {
      throw invalid(`an archive's header has more than ${ARCHIVE_HEADER_BYTES} bytes`);
    }
    const body = Buffer.from(await source.take(size + paddingOf(size))).subarray(0, size);
    // As GNU tar writes long names.
    if (type === "L") extended.set("path", textEnd(body));
    else if (type === "K") extended.set("linkpath", textEnd(body));
    else if (type === EXTENDED) readRecords(body, extended);
  }
}

function checkSum(bytes: Buffer): void {
  const told = numberAt(bytes, 148, 8);
  const blank = Buffer.from(bytes);
  blank.fill(0x20, 148, 156);
  if (told !== checksumOf(blank)) throw invalid("this is no tar archive: a header's checksum is wrong");
}

function entryOf(bytes: Buffer, type: string, extended: ReadonlyMap<string, Buffer>): ArchiveEntry {
  const number = (key: string) => {
    const text = extended.get(key)?.toString("latin1");
    if (text === undefined) return undefined;
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw invalid(`an archive's header has no number in "${key}"`);
    return Number(text);
  };
  const prefix = textEnd(bytes.subarray(345, 500));
  const short = textEnd(bytes.subarray(0, NAME_BYTES));
  const isUstar = bytes.toString("latin1", 257, 263) === "ustar\0";
  const name = extended.get("path") ??
    (isUstar && prefix.length > 0 ? Buffer.concat([prefix, Buffer.from("/"), short]) : short);
  const kind = type === "5"
    ? "directory"
    : type === "2"
    ? "link"
    : type === "0" || type === "\0" || type === "7"
    ? "file"
    : undefined;
  if (!kind) {
    throw invalid(`an archive holds what is neither file, directory nor symbolic link (type "${type}")`);
  }
  const target = kind === "link" ? extended.get("linkpath") ?? textEnd(bytes.subarray(157, 257)) : undefined;
  const size = number("size") ?? numberAt(bytes, 124, 12);
  if (!Number.isSafeInteger(size) || size < 0) throw invalid("an archive's header has no such size");
  return {
    path: relativePath(pathFromBytes(name)),
    kind,
    mode: numberAt(bytes, 100, 8) & 0o7777,
    modifiedAtMs: Math.round((number("mtime") ?? numberAt(bytes, 136, 12)) * 1000),
    size: kind === "file" ? size : 0,
    target: target && pathFromBytes(target),
    offset: number("EXECSERVER.offset"),
    wholeSize: number("EXECSERVER.size"),
  };
}

/**
 * A name that stays below the root, whoever wrote the archive.
 *
 * @throws {OperationError} INVALID for one that does not
 */
function relativePath(name: string): string {
  const names = name.split("/").filter((part) => part !== "" && part !== ".");
  if (name.startsWith("/") || names.includes("..") || name.includes("\0")) {
    throw invalid(`an archive names what is outside of it: "${name}"`);
  }
  return names.join("/");
}

function numberAt(bytes: Buffer, at: number, length: number): number {
  // As GNU tar writes what has no room as digits.
  if (bytes[at]! & 0x80) {
    let value = bytes[at]! & 0x7f;
    for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i]!;
    return value;
  }
  const text = bytes.toString("latin1", at, at + length).replace(
    /[\0 ].*$/s,
    (rest) => rest.trim() === "" ? "" : rest,
  )
    .replace(/\0/g, "").trim();
  return text === "" ? 0 : parseInt(text, 8);
}

function textEnd(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end));
}

function readRecords(body: Buffer, into: Map<string, Buffer>): void {
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const length = Number(body.toString("latin1", at, space));
    const equals = body.indexOf(0x3d, space);
    if (space < 0 || equals < 0 || !Number.isInteger(length) || length < 5 || at + length > body.length) {
      throw invalid("an archive's extended header is malformed");
    }
    into.set(
      body.toString("utf8", space + 1, equals),
      Buffer.from(body.subarray(equals + 1, at + length - 1)),
    );
    at += length;
  }
}
