/** The runner as a program file. */
import { armCode } from "./aarch64.ts";
import { listAddress, listBytesAtMost } from "./layout.ts";
import type { Processor } from "./system_calls.ts";
import { x86Code } from "./x86_64.ts";

const machines = { x86_64: 62, aarch64: 183 };
const headerBytes = 64;
const segmentBytes = 56;
const codeAddress = 0x40_0000;
/** A multiple of every page size: aarch64 has pages of up to 64 KiB. */
const alignment = 0x1_0000;
/** Bits of a segment's flags. */
const [mayRun, mayWrite, mayRead] = [1, 2, 4];

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  /** Bytes of the file, from its beginning. */
  readonly fileBytes: number;
  readonly memoryBytes: number;
}

/** A static ELF program: the code, zeros where the list is to lie, and a stack that cannot be run. */
export function runnerProgram(processor: Processor): Uint8Array<ArrayBuffer> {
  const code = processor === "x86_64" ? x86Code() : armCode();
  const codeAt = headerBytes + 3 * segmentBytes;
  const size = codeAt + code.length;
  const segments: Segment[] = [
    { type: 1, flags: mayRead | mayRun, address: codeAddress, fileBytes: size, memoryBytes: size },
    { type: 1, flags: mayRead | mayWrite, address: listAddress, fileBytes: 0, memoryBytes: listBytesAtMost },
    { type: 0x6474e551, flags: mayRead | mayWrite, address: 0, fileBytes: 0, memoryBytes: 0 },
  ];
  const file = new Uint8Array(size);
  file.set(fileHeader(machines[processor], codeAddress + codeAt, segments.length));
  segments.forEach((segment, index) => file.set(segmentHeader(segment), headerBytes + index * segmentBytes));
  file.set(code, codeAt);
  return file;
}

function fileHeader(machine: number, entry: number, segments: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  // The magic number, 64 bits, little-endian, version 1.
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const view = new DataView(bytes.buffer);
  view.setUint16(16, 2, true); // An executable at fixed addresses.
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(entry), true);
  view.setBigUint64(32, BigInt(headerBytes), true);
  view.setUint16(52, headerBytes, true);
  view.setUint16(54, segmentBytes, true);
  view.setUint16(56, segments, true);
  return bytes;
}

function segmentHeader({ type, flags, address, fileBytes, memoryBytes }: Segment): Uint8Array {
  const bytes = new Uint8Array(segmentBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, flags, true);
  view.setBigUint64(16, BigInt(address), true);
  view.setBigUint64(24, BigInt(address), true);
  view.setBigUint64(32, BigInt(fileBytes), true);
  view.setBigUint64(40, BigInt(memoryBytes), true);
  view.setBigUint64(48, BigInt(alignment), true);
  return bytes;
}
