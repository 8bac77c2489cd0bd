/** Messages by which the kernel's network is set up, as C lays them out. */
import { concat } from "../../../std/bytes/concat.ts";

const [NLM_F_REQUEST, NLM_F_CREATE] = [0x1, 0x400];
const NLA_F_NESTED = 0x8000;
const headerBytes = 16;
const attributeHeaderBytes = 4;

/** A number as this machine stores it. */
export function hostWord(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** A number as it goes over a network. */
export function networkWord(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

/** A text with a NUL behind it. */
export function cText(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** One attribute of a message. */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(aligned(attributeHeaderBytes + value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, attributeHeaderBytes + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, attributeHeaderBytes);
  return bytes;
}

/** An attribute that is made of others. */
export function nested(type: number, ...attributes: readonly Uint8Array[]): Uint8Array {
  return attribute(type | NLA_F_NESTED, concat(attributes));
}

/** A message that makes something, to which there is no answer. */
export function message(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(parts);
  const bytes = new Uint8Array(aligned(headerBytes + body.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerBytes + body.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_CREATE, true);
  bytes.set(body, headerBytes);
  return bytes;
}

function aligned(length: number): number {
  return Math.ceil(length / 4) * 4;
}
