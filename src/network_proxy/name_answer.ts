/** Answers questions of the domain name system, RFC 1035: every name has an address that stands for it. */
import { concat } from "../std/bytes/concat.ts";
import { hostName } from "./host_name.ts";
import { standInAddress, type StandInNames } from "./stand_in_names.ts";

const headerBytes = 12;
const [A, AAAA, INTERNET] = [1, 28, 1];
/** It is a response, recursion was wanted and could be had, and nothing is wrong. */
const answered = 0x8180;
const isResponse = 0x80;
const secondsToLive = 60;
/** Where the question's name stands. */
const nameAt = 0xc000 | headerBytes;

/** The answer to a message; undefined for what is no question. What has no such address is answered with nothing. */
export function nameAnswer(message: Uint8Array, names: StandInNames): Uint8Array<ArrayBuffer> | undefined {
  if (message.length < headerBytes || (message[2]! & isResponse) !== 0) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  if (view.getUint16(4) !== 1) return undefined;
  const question = readQuestion(message);
  if (!question) return undefined;
  const { text, type, kind, end } = question;
  const version = kind === INTERNET ? type === A ? 4 : type === AAAA ? 6 : undefined : undefined;
  const name = version && hostName(text);
  const record = name ? recordOf(type, standInAddress(names.numberOf(name), version!)) : new Uint8Array();
  const header = new Uint8Array(headerBytes);
  const told = new DataView(header.buffer);
  told.setUint16(0, view.getUint16(0));
  told.setUint16(2, answered);
  told.setUint16(4, 1);
  told.setUint16(6, record.length > 0 ? 1 : 0);
  return concat([header, message.subarray(headerBytes, end), record]);
}

interface Question {
  readonly text: string;
  readonly type: number;
  readonly kind: number;
  /** Where what comes behind it begins. */
  readonly end: number;
}

function readQuestion(message: Uint8Array): Question | undefined {
  const labels: string[] = [];
  let at = headerBytes;
  for (; at < message.length; at += message[at]! + 1) {
    const length = message[at]!;
    if (length === 0) break;
    // No question has a name that goes on elsewhere.
    if (length > 63) return undefined;
    // A dot in a label is none between labels.
    labels.push(String.fromCharCode(...message.subarray(at + 1, at + 1 + length)).replaceAll(".", "\0"));
  }
  const end = at + 5;
  if (end > message.length) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  return { text: labels.join("."), type: view.getUint16(at + 1), kind: view.getUint16(at + 3), end };
}

function recordOf(type: number, address: Uint8Array): Uint8Array {
  const head = new Uint8Array(headerBytes);
  const view = new DataView(head.buffer);
  view.setUint16(0, nameAt);
  view.setUint16(2, type);
  view.setUint16(4, INTERNET);
  view.setUint32(6, secondsToLive);
  view.setUint16(10, address.length);
  return concat([head, address]);
}
