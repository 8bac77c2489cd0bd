/** The runner's instructions for x86_64. */
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

/** Registers by their numbers in instructions. */
const [rax, rcx, rdx, rbx, rsp, rsi, rdi, r8, r9, r10, r12] = [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 12] as const;

/** The few instructions that are needed, by what they do. All work on 64 bits. */
class X86 extends Assembler {
  /** register = value, of 32 bits without a sign */
  set(register: number, value: number): this {
    if (register >= 8) this.bytes(0x41);
    return this.bytes(0xb8 | (register & 7)).word(value);
  }

  /** to = from */
  copy(to: number, from: number): this {
    return this.bytes(wide(from, to), 0x89, between(from, to));
  }

  /** to += from */
  add(to: number, from: number): this {
    return this.bytes(wide(from, to), 0x01, between(from, to));
  }

  /** register += value, of at most 127 */
  addValue(register: number, value: number): this {
    return this.bytes(wide(0, register), 0x83, between(0, register), value);
  }

  /** register = its bits that are in a mask, of at most 127 */
  mask(register: number, bits: number): this {
    return this.bytes(wide(0, register), 0x83, 0xe0 | (register & 7), bits);
  }

  /** register = its bits from one on */
  shiftRight(register: number, bits: number): this {
    return this.bytes(wide(0, register), 0xc1, 0xe8 | (register & 7), bits);
  }

  /** to = the word at an address, below 128 bytes behind base */
  load(to: number, base: number, offset: number): this {
    this.bytes(wide(to, base), 0x8b, 0x40 | ((to & 7) << 3) | (base & 7));
    // This register means "an index follows": none does.
    if ((base & 7) === 4) this.bytes(0x24);
    return this.bytes(offset);
  }

  push(register: number): this {
    return this.bytes(0x50 | register);
  }

  /** Compares a register with a value, sign and all. */
  compare(register: number, value: number): this {
    return this.bytes(wide(0, register), 0x81, 0xf8 | (register & 7)).word(value);
  }

  compareWith(register: number, other: number): this {
    return this.bytes(wide(other, register), 0x39, between(other, register));
  }

  systemCall(): this {
    return this.bytes(0x0f, 0x05);
  }

  goto(label: string): this {
    return this.bytes(0xe9).#to(label);
  }

  gotoIfEqual(label: string): this {
    return this.bytes(0x0f, 0x84).#to(label);
  }

  gotoIfLessOrEqual(label: string): this {
    return this.bytes(0x0f, 0x8e).#to(label);
  }

  /** Of what was compared, taken without a sign. */
  gotoIfAboveOrEqual(label: string): this {
    return this.bytes(0x0f, 0x83).#to(label);
  }

  /** A distance counts from behind itself. */
  #to(label: string): this {
    return this.jump(label, (distance) => distance - 4);
  }
}

/** The prefix that makes an instruction one of 64 bits, and tells which registers are of the upper eight. */
function wide(register: number, other: number): number {
  return 0x48 | (register >= 8 ? 4 : 0) | (other >= 8 ? 1 : 0);
}

/** The byte that says: from one register to another. */
function between(register: number, other: number): number {
  return 0xc0 | ((register & 7) << 3) | (other & 7);
}

/** Registers of a system call's arguments, in their order. */
const argumentRegisters = [rdi, rsi, rdx, r10, r8, r9] as const;

/** See {@linkcode file://./layout.ts}. */
export function x86Code(): Uint8Array<ArrayBuffer> {
  const number = (call: SystemCall) => systemCallNumber(call, "x86_64");
  const code = new X86();
  // Read the list.
  code.set(r12, listAddress);
  code.label("read").set(rax, number("read")).set(rdi, listDescriptor).copy(rsi, r12)
    .set(rdx, listBytesAtMost).systemCall()
    .compare(rax, 0).gotoIfLessOrEqual("first")
    .add(r12, rax).goto("read");
  // Its first word says where the first call is.
  code.label("first").set(r12, listAddress).load(rbx, r12, 0);
  code.label("call").load(rax, rbx, 0).compare(rax, forkNumber).gotoIfEqual("fork");
  argumentRegisters.forEach((register, index) => code.load(register, rbx, 8 + 8 * index));
  code.systemCall()
    .load(rcx, rbx, callBytes - 8).compare(rcx, 0).gotoIfEqual("next")
    .compare(rax, -4095).gotoIfAboveOrEqual("failed");
  code.label("next").addValue(rbx, callBytes).goto("call");
  // Report which call failed, and how.
  code.label("failed").push(rax).push(rbx)
    .set(rax, number("write")).set(rdi, listAddress).load(rdi, rdi, reportAt).copy(rsi, rsp).set(rdx, 16)
    .systemCall()
    .set(rax, number("exit_group")).set(rdi, failedStatus).systemCall();
  addFork(code, number);
  return code.assemble();
}

function addFork(code: X86, number: (call: SystemCall) => number): void {
  code.label("fork").set(rax, number("clone")).set(rdi, SIGCHLD);
  for (const register of [rsi, rdx, r10, r8]) code.set(register, 0);
  code.systemCall()
    .compare(rax, 0).gotoIfEqual("next")
    .compare(rax, -4095).gotoIfAboveOrEqual("failed")
    .copy(r12, rax)
    .set(rax, number("close_range")).set(rdi, 0).set(rsi, listAddress).load(rsi, rsi, reportAt).set(rdx, 0)
    .systemCall();
  // The list is the child's now: the status takes its place.
  code.label("wait").set(rax, number("wait4")).set(rdi, 0xffff_ffff).set(rsi, listAddress).set(rdx, 0)
    .set(r10, 0).systemCall()
    .compare(rax, -EINTR).gotoIfEqual("wait")
    .compare(rax, 0).gotoIfLessOrEqual("failed")
    .compareWith(rax, r12).gotoIfEqual("ended")
    .goto("wait");
  code.label("ended").set(rcx, listAddress).load(rax, rcx, 0)
    .copy(rdi, rax).mask(rdi, 0x7f).compare(rdi, 0).gotoIfEqual("exited")
    .addValue(rdi, 64).addValue(rdi, 64).goto("end");
  code.label("exited").copy(rdi, rax).shiftRight(rdi, 8);
  code.label("end").set(rax, number("exit_group")).systemCall();
}
