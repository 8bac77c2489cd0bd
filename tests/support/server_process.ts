/**
 * A server under test, as a process of its own.
 *
 * The command comes from `EXEC_SERVER_COMMAND` (a JSON array, or words parted by blanks), so that one suite runs
 * against `deno run`, `bun run` and a compiled binary. Without it, `deno run -A main.ts` of this tree is tested.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The program and the arguments that start exec-server, without a command. */
export function serverCommand(): string[] {
  const given = Deno.env.get("EXEC_SERVER_COMMAND")?.trim();
  if (!given) return [Deno.execPath(), "run", "-A", "--quiet", `${root}/main.ts`];
  return given.startsWith("[") ? JSON.parse(given) : given.split(/\s+/);
}

/** How the command under test runs: names the runtime in reports and in rows of the compatibility table. */
export function serverRuntime(): "deno" | "bun" | "binary" {
  const program = serverCommand()[0]!;
  return /(^|\/)deno[^/]*$/.test(program) ? "deno" : /(^|\/)bun[^/]*$/.test(program) ? "bun" : "binary";
}

/**
 * Where the command runs and with which variables, unless a test says otherwise. A binary must need nothing: it gets an
 * empty folder, and only the variables that a child inherits in the tests.
 */
export function commandSurroundings(): { cwd?: string; env?: Record<string, string> } {
  if (serverRuntime() !== "binary") return {};
  const { PATH, HOME } = Deno.env.toObject();
  return {
    cwd: emptyFolder ??= makeEmptyFolder(),
    env: { PATH: PATH ?? "/usr/bin:/bin", HOME: HOME ?? "/" },
  };
}

let emptyFolder: string | undefined;

/** A folder that goes when the file of tests has ended. */
function makeEmptyFolder(): string {
  const folder = Deno.makeTempDirSync();
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return folder;
}

/** What a started server is given. */
export interface ServerOptions {
  /** Where it listens; `ws://127.0.0.1:0` by default. */
  listen?: string;
  /** Flags after that. */
  args?: string[];
  /** The complete environment; this process's own by default. */
  env?: Record<string, string>;
  /** The server's working directory. */
  cwd?: string;
  /** Another program than the one under test: the whole command, which prints its URL as first line. */
  command?: string[];
}

/** A running server; `await using` stops it. */
export interface ServerProcess extends AsyncDisposable {
  /** Where it listens, `ws://IP:PORT`, `wss://IP:PORT` or `unix:///PATH`. */
  readonly url: string;
  readonly pid: number;
  /** Everything it wrote to stderr so far. */
  stderr(): string;
  /** Ends it and waits until it is gone. SIGTERM by default. */
  stop(signal?: Deno.Signal): Promise<Deno.CommandStatus>;
}

/**
 * Starts a server on a free port and waits until it has printed its URL.
 *
 * @throws {Error} with the server's stderr when it ends before it printed one
 */
export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  const [program, ...args] = options.command ??
    [...serverCommand(), "serve", "--listen", options.listen ?? "ws://127.0.0.1:0", ...options.args ?? []];
  const { cwd, env } = { ...commandSurroundings(), ...options };
  const child = new Deno.Command(program!, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env, clearEnv: true }),
  }).spawn();
  let stderr = "";
  const collected = child.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({ write: (text) => void (stderr += text) }),
  ).catch(() => {});
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let first = "";
  while (!first.includes("\n")) {
    const { value, done } = await lines.read();
    if (done) break;
    first += value;
  }
  const url = /(wss?|unix):\/\/\S+/.exec(first)?.[0];
  if (!url) {
    await Promise.all([child.status, collected]);
    throw new Error(`The server printed no URL; stderr:\n${stderr}`);
  }
  const drained = (async () => {
    while (!(await lines.read()).done);
  })().catch(() => {});
  let stopped: Promise<Deno.CommandStatus> | undefined;
  const stop = (signal: Deno.Signal = "SIGTERM") =>
    stopped ??= (async () => {
      try {
        child.kill(signal);
      } catch {
        // It has ended by itself.
      }
      const status = await child.status;
      await Promise.all([collected, drained]);
      return status;
    })();
  return {
    url,
    pid: child.pid,
    stderr: () => stderr,
    stop,
    [Symbol.asyncDispose]: async () => void await stop(),
  };
}
