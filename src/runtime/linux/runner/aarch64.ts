/** The runner's instructions for aarch64. */
import { Assembler } from "./assembler.ts";
import {
  callBytes,
  EINTR,
  failedStatus,
  forkNumber,
  listAddress,
  listBytesAtMost,
  listDescriptor,
  reportAt,
  SIGCHLD,
} from "./layout.ts";
import { type SystemCall, systemCallNumber } from "./system_calls.ts";

/** Registers by their numbers: arguments and result are 0 to 5, the call's number is 8. */
const [x0, x1, x2, x3, x4, x8, x9, x19, x20, x21, sp] = [0, 1, 2, 3, 4, 8, 9, 19, 20, 21, 31] as const;

/** The few instructions that are needed, by what they do. All work on 64 bits. */
class Arm extends Assembler {
  /** register = value, whose low 16 bits or whose others are 0 */
  set(register: number, value: number): this {
    return value < 0x10000
      ? this.word(0xd2800000 | (value << 5) | register)
      : this.word(0xd2a00000 | ((value >>> 16) << 5) | register);
  }

  setMinusOne(register: number): this {
    return this.word(0x92800000 | register);
  }

  /** to = from */
  copy(to: number, from: number): this {
    return this.addValue(to, from, 0);
  }

  /** to = from + value, of at most 4095 */
  addValue(to: number, from: number, value: number): this {
    return this.word(0x91000000 | (value << 10) | (from << 5) | to);
  }

  /** to += from */
  add(to: number, from: number): this {
    return this.word(0x8b000000 | (from << 16) | (to << 5) | to);
  }

  /** to = the lowest seven bits of from */
  mask7(to: number, from: number): this {
    return this.word(0x92401800 | (from << 5) | to);
  }

  /** to = from without its lowest eight bits */
  shiftRight8(to: number, from: number): this {
    return this.word(0xd348fc00 | (from << 5) | to);
  }

  /** to = the word at an address */
  load(to: number, base: number, offset: number): this {
    return this.word(0xf9400000 | ((offset / 8) << 10) | (base << 5) | to);
  }

  pushPair(first: number, second: number): this {
    return this.word(0xa9bf0000 | (second << 10) | (sp << 5) | first);
  }

  /** Compares a register with -value. */
  compareNegative(register: number, value: number): this {
    return this.word(0xb100001f | (value << 10) | (register << 5));
  }

  /** Compares a register with a value, of at most 4095. */
  compare(register: number, value: number): this {
    return this.word(0xf100001f | (value << 10) | (register << 5));
  }

  compareWith(register: number, other: number): this {
    return this.word(0xeb00001f | (other << 16) | (register << 5));
  }

  systemCall(): this {
    return this.word(0xd4000001);
  }

  goto(label: string): this {
    return this.jump(label, (distance) => 0x14000000 | ((distance / 4) & 0x3ffffff));
  }

  gotoIfZero(register: number, label: string): this {
    return this.jump(label, (distance) => 0xb4000000 | (((distance / 4) & 0x7ffff) << 5) | register);
  }

  gotoIfEqual(label: string): this {
    return this.jump(label, (distance) => 0x54000000 | (((distance / 4) & 0x7ffff) << 5));
  }

  gotoIfLessOrEqual(label: string): this {
    return this.jump(label, (distance) => 0x5400000d | (((distance / 4) & 0x7ffff) << 5));
  }

  /** Of what was compared, taken without a sign. */
  gotoIfAboveOrEqual(label: string): this {
    return this.jump(label, (distance) => 0x54000002 | (((distance / 4) & 0x7ffff) << 5));
  }
}

/** See {@linkcode file://./layout.ts}. */
export function armCode(): Uint8Array<ArrayBuffer> {
  const number = (call: SystemCall) => systemCallNumber(call, "aarch64");
  const code = new Arm();
  // Read the list.
  code.set(x19, listAddress);
  code.label("read").set(x0, listDescriptor).copy(x1, x19).set(x2, listBytesAtMost)
    .set(x8, number("read")).systemCall()
    .compareNegative(x0, 0).gotoIfLessOrEqual("first")
    .add(x19, x0).goto("read");
  // Its first word says where the first call is.
  code.label("first").set(x20, listAddress).load(x20, x20, 0);
  code.label("call").load(x8, x20, 0).compare(x8, forkNumber).gotoIfEqual("fork");
  for (let index = 0; index < 6; index++) code.load(index, x20, 8 + 8 * index);
  code.systemCall()
    .load(x9, x20, callBytes - 8).gotoIfZero(x9, "next")
    .compareNegative(x0, 4095).gotoIfAboveOrEqual("failed");
  code.label("next").addValue(x20, x20, callBytes).goto("call");
  // Report which call failed, and how.
  code.label("failed").pushPair(x20, x0)
    .set(x0, listAddress).load(x0, x0, reportAt).copy(x1, sp).set(x2, 16).set(x8, number("write"))
    .systemCall()
    .set(x0, failedStatus).set(x8, number("exit_group")).systemCall();
  addFork(code, number);
  return code.assemble();
}

function addFork(code: Arm, number: (call: SystemCall) => number): void {
  code.label("fork").set(x0, SIGCHLD);
  for (const register of [x1, x2, x3, x4]) code.set(register, 0);
  code.set(x8, number("clone")).systemCall()
    .gotoIfZero(x0, "next")
    .compareNegative(x0, 4095).gotoIfAboveOrEqual("failed")
    .copy(x21, x0)
    .set(x0, 0).set(x1, listAddress).load(x1, x1, reportAt).set(x2, 0).set(x8, number("close_range"))
    .systemCall();
  // The list is the child's now: the status takes its place.
  code.label("wait").setMinusOne(x0).set(x1, listAddress).set(x2, 0).set(x3, 0)
    .set(x8, number("wait4")).systemCall()
    .compareNegative(x0, EINTR).gotoIfEqual("wait")
    .compareNegative(x0, 0).gotoIfLessOrEqual("failed")
    .compareWith(x0, x21).gotoIfEqual("ended")
    .goto("wait");
  code.label("ended").set(x9, listAddress).load(x9, x9, 0)
    .mask7(x0, x9).gotoIfZero(x0, "exited")
    .addValue(x0, x0, 128).goto("end");
  code.label("exited").shiftRight8(x0, x9);
  code.label("end").set(x8, number("exit_group")).systemCall();
}
