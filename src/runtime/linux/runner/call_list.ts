/** Composes the list of system calls that the runner makes. */
import { pathToBytes } from "../../../native/path_text.ts";
import {
  callBytes,
  failedStatus,
  forkNumber,
  headBytes,
  listAddress,
  listBytesAtMost,
  listDescriptor,
  reportAt,
  reportDescriptor,
} from "./layout.ts";
import { type Processor, type SystemCall, systemCallNumber } from "./system_calls.ts";

interface Call {
  readonly name: SystemCall | "fork";
  readonly args: readonly (number | bigint)[];
  readonly mustSucceed: boolean;
  readonly purpose: string;
}

/** Which call failed, and the number of the error. */
export interface CallFailure {
  readonly call: SystemCall | "fork";
  readonly errno: number;
  /** What it was for; empty where nothing was said. */
  readonly purpose: string;
}

/** A list of calls that is being composed. What is put into it is answered with its address. */
export class CallList {
  readonly #processor: Processor;
  readonly #report: number;
  readonly #data: Uint8Array[] = [];
  #dataBytes = headBytes;
  readonly #calls: Call[] = [];
  #purpose = "";
  /** What is written over the first word, for the next who reads the list, and which call it is to name. */
  #restart: { readonly word: Uint8Array<ArrayBuffer>; first: number } | undefined;

  /** @param report the descriptor that a failure is reported to */
  constructor(processor: Processor, report: number = reportDescriptor) {
    this.#processor = processor;
    this.#report = report;
  }

  /** The descriptor that a failure is reported to when it begins. */
  get report(): number {
    return this.#report;
  }

  /** Has failures of what is added from now on be reported to another descriptor. The list is still open then. */
  reportTo(descriptor: number): this {
    // The file that the list was read from has the number in it.
    const number = this.words(descriptor);
    return this.call("pread64", listDescriptor, listAddress + reportAt, 8, number - listAddress);
  }

  /** Says what the calls are for that are added from now on. */
  to(purpose: string): this {
    this.#purpose = purpose;
    return this;
  }

  /** Adds a call without which the program must not run. */
  call(name: SystemCall, ...args: readonly (number | bigint)[]): this {
    return this.#add(name, args, true);
  }

  /** Adds a call that may fail. */
  attempt(name: SystemCall, ...args: readonly (number | bigint)[]): this {
    return this.#add(name, args, false);
  }

  /** Has a child go on with what is added behind; who was there before waits for it, and ends as it does. */
  fork(): this {
    return this.#add("fork", [], true);
  }

  /**
   * Has the next runner that reads the list from the same descriptor begin with {@linkcode CallList.restartHere}: what is
   * added in between runs another program, which is to run that one.
   */
  restart(): this {
    const word = new Uint8Array(8);
    this.#restart = { word, first: 0 };
    return this.call("pwrite64", listDescriptor, this.bytes(word), word.length, 0)
      .call("lseek", listDescriptor, 0, 0);
  }

  /** @see {@linkcode CallList.restart} */
  restartHere(): this {
    this.#restart!.first = this.#calls.length;
    return this;
  }

  bytes(bytes: Uint8Array): number {
    const address = listAddress + this.#dataBytes;
    this.#data.push(bytes);
    this.#dataBytes += aligned(bytes.length);
    return address;
  }

  /** Words of 64 bits. */
  words(...words: readonly (number | bigint)[]): number {
    return this.bytes(new Uint8Array(BigInt64Array.from(words.map(BigInt)).buffer));
  }

  /** A text with a NUL behind it. */
  text(text: string): number {
    return this.bytes(pathToBytes(text + "\0"));
  }

  /** The addresses of texts, and a null. */
  texts(texts: readonly string[]): number {
    return this.words(...texts.map((text) => this.text(text)), 0);
  }

  /** @throws {Error} with `code` E2BIG for more than there is room for, which the kernel would not take either */
  encode(): Uint8Array<ArrayBuffer> {
    const end: Call = { name: "exit_group", args: [failedStatus], mustSucceed: false, purpose: "" };
    const calls = [...this.#calls, end];
    const size = this.#dataBytes + calls.length * callBytes;
    if (size > listBytesAtMost) {
      throw Object.assign(new Error("The call list is too long"), { code: "E2BIG" });
    }
    const list = new Uint8Array(size);
    const view = new DataView(list.buffer);
    view.setBigUint64(0, BigInt(this.#firstCall), true);
    view.setBigUint64(reportAt, BigInt(this.#report), true);
    if (this.#restart) {
      const first = this.#firstCall + this.#restart.first * callBytes;
      new DataView(this.#restart.word.buffer).setBigUint64(0, BigInt(first), true);
    }
    let at = headBytes;
    for (const bytes of this.#data) {
      list.set(bytes, at);
      at += aligned(bytes.length);
    }
    for (const { name, args, mustSucceed } of calls) {
      const number = name === "fork" ? forkNumber : systemCallNumber(name, this.#processor);
      view.setBigUint64(at, BigInt(number), true);
      args.forEach((arg, index) => view.setBigInt64(at + 8 + 8 * index, BigInt(arg), true));
      view.setBigUint64(at + callBytes - 8, mustSucceed ? 1n : 0n, true);
      at += callBytes;
    }
    return list;
  }

  /** What the runner reported. */
  failure(report: Uint8Array): CallFailure {
    const view = new DataView(report.buffer, report.byteOffset, 16);
    const index = (Number(view.getBigUint64(0, true)) - this.#firstCall) / callBytes;
    const { name, purpose } = this.#calls[index]!;
    return { call: name, errno: -Number(view.getBigInt64(8, true)), purpose };
  }

  #add(name: Call["name"], args: Call["args"], mustSucceed: boolean): this {
    this.#calls.push({ name, args, mustSucceed, purpose: this.#purpose });
    return this;
  }

  get #firstCall(): number {
    return listAddress + this.#dataBytes;
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
