/** Starts a daemon that is told a port and does not say when it is ready. */
import { deadline } from "@std/async/deadline";

export interface Daemon {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** How long a daemon may take until it accepts, in milliseconds. */
const READY_MS = 5_000;

/** How long what it wrote to stderr may take to arrive, in milliseconds. */
const LAST_WORDS_MS = 500;

/** @param command is the whole command, for a port. @throws {Error} with its stderr, when it ends or never accepts */
export async function startDaemon(command: (port: number) => readonly string[]): Promise<Daemon> {
  const port = freePort();
  const [program, ...args] = command(port);
  const child = new Deno.Command(program!, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
  let stderr = "";
  const collected = child.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({ write: (text) => void (stderr = (stderr + text).slice(-2_000)) }),
  );
  let ended = false;
  child.status.then(() => ended = true);
  const stop = async () => {
    if (!ended) child.kill("SIGKILL");
    await child.status;
    // What it started for a connection may outlive it for a moment, and holds its stderr.
    await deadline(collected, LAST_WORDS_MS).catch(() => {});
  };
  for (const started = performance.now(); !ended && performance.now() - started < READY_MS;) {
    if (await accepts(port)) return { port, pid: child.pid, stop };
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await stop();
  throw new Error(`It does not accept connections: ${stderr.trim()}`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
