import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import process from "node:process";
import { pipeline } from "node:stream/promises";
import { failureText } from "../native/os_errors.ts";
import type { SshMachine } from "../transport/ssh_url.ts";
import { target } from "../version.ts";
import type { ProgramHost } from "./program_host.ts";
import { sshCommand } from "./ssh_server.ts";
import { UsageError } from "./usage_error.ts";

/** Which file is brought to a machine that has no exec-server. */
export interface SshCopyOptions {
  /** Whether it goes there without a question. */
  readonly yes: boolean;
  /** The program for that machine; undefined for this one's own, where that is a file and of the same platform. */
  readonly binary: string | undefined;
}

/**
 * Brings exec-server to a machine, where the person wants that. It has its name there only once all of it has arrived.
 *
 * @param platform of the machine, as `uname -sm` says it
 * @throws {UsageError} where there is nothing to bring, or it is not wanted
 */
export async function copyBySsh(
  machine: SshMachine,
  platform: string,
  { yes, binary }: SshCopyOptions,
  host: ProgramHost,
): Promise<void> {
  const file = binary ?? ownBinary(machine, platform);
  const { size } = await readable(stat(file), file);
  const question = `${machine.destination} (${platform}) has no exec-server. Copy "${file}" there, ` +
    `${Math.ceil(size / 1e6)} MB, as ~/.local/bin/exec-server?`;
  if (!yes && !await agrees(question, host)) {
    throw new UsageError(
      `${machine.destination} has no exec-server: give --yes to copy it there, or bring it there as docs/remote.md says`,
    );
  }
  const hash = createHash("sha256");
  await readable(pipeline(createReadStream(file), hash), file);
  await send(machine, file, hash.digest("hex"));
}

function ownBinary({ destination }: SshMachine, platform: string): string {
  const own = target === undefined ? undefined : unameOf(target);
  if (own === platform) return process.execPath;
  const reason = own === undefined ? "this program runs from its source" : `this program is for ${own}`;
  throw new UsageError(
    `${destination} (${platform}) has no exec-server, and ${reason}: name one for that machine by --binary FILE`,
  );
}

/** What `uname -sm` says on a platform. */
function unameOf(target: string): string {
  const [cpu = ""] = target.split("-");
  if (target.includes("darwin")) return `Darwin ${cpu === "aarch64" ? "arm64" : cpu}`;
  return target.includes("linux") ? `Linux ${cpu}` : target;
}

/** Asks at the terminal, which standard input need not be; without one nobody agrees. */
async function agrees(question: string, host: ProgramHost): Promise<boolean> {
  const terminal = await open("/dev/tty").catch(() => undefined);
  if (!terminal) return false;
  try {
    await host.writeStandard("stderr", new TextEncoder().encode(`exec-server: ${question} [y/N] `));
    const { bytesRead, buffer } = await terminal.read(new Uint8Array(64), 0, 64, null);
    return /^y(es)?\s*$/i.test(new TextDecoder().decode(buffer.subarray(0, bytesRead)));
  } finally {
    await terminal.close();
  }
}

/** Sends a file, which takes its place where its digest is the one that was told. */
async function send(machine: SshMachine, file: string, digest: string): Promise<void> {
  const script = [
    "set -eu",
    "umask 077",
    "cd && mkdir -p .local/bin && cd .local/bin",
    "new=.exec-server.$$",
    'trap "rm -f $new" EXIT',
    "cat > $new",
    "sum=$(sha256sum < $new 2>/dev/null || shasum -a 256 < $new)",
    `[ "\${sum%% *}" = ${digest} ] || { echo "it arrived damaged" >&2; exit 1; }`,
    "chmod 755 $new",
    "mv $new exec-server",
  ];
  const [program, ...args] = sshCommand(machine, script);
  const child = spawn(program!, args, { stdio: ["pipe", "ignore", "inherit"] });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on("exit", resolve).on("error", reject)
  );
  // One that ends early says why by its status.
  await pipeline(createReadStream(file), child.stdin).catch(() => {});
  const status = await ended;
  if (status !== 0) {
    throw new Error(`Cannot copy exec-server to ${machine.destination}: ssh ended with status ${status}`);
  }
}

async function readable<T>(reading: Promise<T>, file: string): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw new UsageError(`Cannot read "${file}": ${failureText(error)}`, { cause: error });
  }
}
