import assert from "node:assert/strict";
import {
  type Processor,
  type SystemCall,
  systemCallNumber,
} from "../../../src/runtime/linux/runner/system_calls.ts";
import { notifyingFilter, seccompFilter } from "../../../src/runtime/linux/sandbox/seccomp_filter.ts";

const processors = { x86_64: 0xc000003e, aarch64: 0xc00000b7 } as const;
const i386 = 0x40000003;

/** What a filter answers, by the rules of the kernel's packet filter. */
function answer(filter: Uint8Array, processor: number, call: number, args: number[]): string {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, processor, true);
  args.forEach((arg, index) => data.setBigUint64(16 + 8 * index, BigInt(arg), true));
  const program = new DataView(filter.buffer, filter.byteOffset, filter.length);
  let accumulator = 0;
  for (let at = 0;; at++) {
    const [code, value] = [program.getUint16(8 * at, true), program.getUint32(8 * at + 4, true)];
    const [ifTrue, ifFalse] = [program.getUint8(8 * at + 2), program.getUint8(8 * at + 3)];
    if (code === 0x20) accumulator = data.getUint32(value, true);
    else if (code === 0x15) at += accumulator === value ? ifTrue : ifFalse;
    else if (code === 0x35) at += accumulator >= value ? ifTrue : ifFalse;
    else if (code === 0x05) at += value;
    else if (code === 0x06) return answers.get(value) ?? `errno ${value & 0xffff}`;
    else throw new Error(`unknown instruction ${code}`);
  }
}

const answers = new Map([[0x7fc00000, "waits"], [0x7fff0000, "allowed"], [0x80000000, "killed"], [
  0x50001,
  "EPERM",
], [
  0x50058,
  "ENOTSOCK",
]]);

for (const [processor, number] of Object.entries(processors) as [Processor, number][]) {
  const of = (name: "network" | "noNetwork") => (call: SystemCall, ...args: number[]) =>
    answer(seccompFilter(name, processor), number, systemCallNumber(call, processor), args);

  Deno.test(`without a network, nothing reaches one on ${processor}`, () => {
    const noNetwork = of("noNetwork");
    const [unix, inet, inet6, netlink, vsock] = [1, 2, 10, 16, 40];
    for (const family of [inet, inet6, netlink, vsock]) {
      assert.equal(noNetwork("socket", family, 1, 0), "EPERM");
      assert.equal(noNetwork("socketpair", family, 1, 0), "EPERM");
    }
    assert.equal(noNetwork("socket", unix, 1, 0), "allowed");
    assert.equal(noNetwork("socketpair", unix, 1, 0), "allowed");
    for (const call of ["connect", "bind", "listen", "accept4", "sendto", "sendmmsg", "shutdown"] as const) {
      assert.equal(noNetwork(call, 3), "EPERM", call);
    }
    assert.equal(noNetwork("getpeername", 3), "ENOTSOCK");
    for (const call of ["ptrace", "process_vm_readv", "pidfd_getfd", "io_uring_setup", "keyctl"] as const) {
      assert.equal(noNetwork(call, 0), "EPERM", call);
    }
    for (const call of ["read", "write", "close", "execve", "prctl"] as const) {
      assert.equal(noNetwork(call, 0), "allowed", call);
    }
  });

  Deno.test(`with a network, only what leads around the sandbox is refused on ${processor}`, () => {
    const network = of("network");
    assert.equal(network("socket", 2, 1, 0), "allowed");
    assert.equal(network("socket", 40, 1, 0), "EPERM");
    assert.equal(network("connect", 3), "allowed");
    assert.equal(network("ptrace", 0), "allowed");
    assert.equal(network("io_uring_enter", 0), "EPERM");
  });

  Deno.test(`input cannot be put into a terminal on ${processor}, whatever stands above 32 bits`, () => {
    for (const name of ["noNetwork", "network"] as const) {
      assert.equal(of(name)("ioctl", 0, 0x5412), "EPERM");
      assert.equal(of(name)("ioctl", 0, 2 ** 32 + 0x5412), "EPERM");
      assert.equal(of(name)("ioctl", 0, 0x541c), "EPERM");
      assert.equal(of(name)("ioctl", 0, 0x5413), "allowed");
    }
  });

  Deno.test(`those calls wait that are named on ${processor}, and no others`, () => {
    const filter = notifyingFilter(["execve", "connect"], processor);
    const becomes = (call: SystemCall) => answer(filter, number, systemCallNumber(call, processor), []);
    assert.equal(becomes("execve"), "waits");
    assert.equal(becomes("connect"), "waits");
    for (const call of ["execveat", "read", "bind"] as const) assert.equal(becomes(call), "allowed", call);
    assert.equal(answer(filter, i386, 11, []), "killed");
  });

  Deno.test(`calls of another processor end a process on ${processor}`, () => {
    assert.equal(answer(seccompFilter("network", processor), i386, 1, []), "killed");
  });
}

Deno.test("the second set of numbers of x86_64 is refused", () => {
  const filter = seccompFilter("network", "x86_64");
  assert.equal(answer(filter, processors.x86_64, 0x40000000 + 39, []), "EPERM");
});
