/** Has a process end as another one did. */
import { constants } from "node:os";
import { setImmediate, setTimeout } from "node:timers";
import type { ExitStatus } from "../../../host/child_process.ts";
import { REPLACED_LOOK_MS } from "../../../limits.ts";
import type { Libc } from "../../posix/libc.ts";
import type { Shared } from "../../posix/prepared_child.ts";
import { systemError } from "../../posix/system_error.ts";
import { endsBy } from "./pending_signals.ts";
import type { NotifiedCall } from "../notify/notified_call.ts";
import { type Processor, systemCallNumber } from "../runner/system_calls.ts";

const [PTRACE_DETACH, PTRACE_GETREGSET, PTRACE_SETREGSET] = [17, 0x4204, 0x4205];
const [PTRACE_SEIZE, PTRACE_INTERRUPT] = [0x4206, 0x4207];
const NT_PRSTATUS = 1;
const [WNOHANG, WALL] = [1, 0x4000_0000];
const { EPERM, ESRCH } = constants.errno;

/** Where in the registers stand those of a call, its result, and what is run next; and the bytes of the calling instruction. */
const registers: Record<Processor, { number: number; first: number; next: number; callBytes: bigint }> = {
  x86_64: { number: 10, first: 14, next: 16, callBytes: 2n },
  aarch64: { number: 8, first: 0, next: 32, callBytes: 4n },
};
const registerWords = 34;
/** On x86_64, tells that the process comes from a call, which may have to be made again. */
const originalCall = 15;

/**
 * Ends the process whose call waits: it makes another call in the place of that one, the one that ends it. So nothing is run,
 * and nothing is written into its memory, which a parent may share that waits for its child to run something.
 *
 * @throws {Error} with `code` EPERM where somebody else traces it; the call waits on then
 */
export async function endAs(
  { libc, reaper }: Shared,
  processor: Processor,
  call: NotifiedCall,
  status: ExitStatus,
): Promise<void> {
  const { pid } = call;
  const trace = tracer(libc, processor, pid);
  if (trace(PTRACE_SEIZE, 0, 0) < 0) {
    const error = libc.errno();
    if (error === ESRCH) return;
    throw systemError("Ending a process that somebody else traces", error);
  }
  // Once it has its answer, and before it does anything with that.
  trace(PTRACE_INTERRUPT, 0, 0);
  call.fail(EPERM);
  const isOwn = reaper.has(pid);
  const isGone = () => isOwn ? !reaper.has(pid) : hasEnded(libc, pid);
  const words = await stopped(libc, trace, isGone);
  if (!words) return;
  const signal = signalNumber(status);
  if (signal === SIGKILL) {
    libc.c.kill(pid, signal);
    return await untilTrue(isGone);
  }
  if (signal !== undefined && endsBy(pid, signal)) libc.c.kill(pid, signal);
  const { number, first, next, callBytes } = registers[processor];
  words[number] = BigInt(systemCallNumber("exit_group", processor));
  words[first] = BigInt(signal === undefined ? status.code ?? 1 : 128 + signal);
  words[next]! -= callBytes;
  if (processor === "x86_64") words[originalCall] = 0xffff_ffff_ffff_ffffn;
  withVector(libc, words, (vector) => trace(PTRACE_SETREGSET, NT_PRSTATUS, vector));
  if (trace(PTRACE_DETACH, 0, 0) < 0) await untilTrue(isGone);
}

const SIGKILL = 9;

type Trace = (request: number, address: number, data: number) => number;

function tracer({ c }: Libc, processor: Processor, pid: number): Trace {
  const call = systemCallNumber("ptrace", processor);
  return (request, address, data) => c.systemCall(call, request, pid, address, data, 0, 0);
}

/** The registers, once it has stopped; undefined where it ends instead. */
async function stopped(
  libc: Libc,
  trace: Trace,
  isGone: () => boolean,
): Promise<BigUint64Array | undefined> {
  const words = new BigUint64Array(new ArrayBuffer(8 * registerWords));
  let has = false;
  await untilTrue(() => {
    has = withVector(libc, words, (vector) => trace(PTRACE_GETREGSET, NT_PRSTATUS, vector)) >= 0;
    return has || isGone();
  });
  return has ? words : undefined;
}

/** What is waited for comes at once, as a rule; but a process may be frozen. */
async function untilTrue(isSo: () => boolean): Promise<void> {
  for (let looks = 0; !isSo(); looks++) {
    if (looks < quickLooks) await new Promise<void>((resolve) => setImmediate(resolve));
    else await new Promise<void>((resolve) => setTimeout(resolve, REPLACED_LOOK_MS));
  }
}

const quickLooks = 20;

/** Gives words to a call as a `struct iovec` that says where they are. */
function withVector(libc: Libc, words: BigUint64Array, call: (vector: number) => number): number {
  const block = new BigUint64Array(new ArrayBuffer(16));
  block[0] = libc.addressOf(new Uint8Array(words.buffer));
  block[1] = BigInt(words.byteLength);
  const result = call(Number(libc.addressOf(new Uint8Array(block.buffer))));
  // Referred to until here, so that both stay where they are.
  return block.length + words.length > 0 ? result : -1;
}

/** Whoever traces a process hears first of its end, and its parent only when he has. */
function hasEnded({ c }: Libc, pid: number): boolean {
  const status = new Int32Array(1);
  const usage = new Uint8Array(18 * 8);
  const result = c.wait4(pid, new Uint8Array(status.buffer), WNOHANG | WALL, usage);
  return result < 0 || (result === pid && (status[0]! & 0xff) !== 0x7f);
}

function signalNumber({ signal }: ExitStatus): number | undefined {
  if (signal === null) return undefined;
  return constants.signals[signal as NodeJS.Signals] ?? Number(signal.slice("SIG".length));
}
