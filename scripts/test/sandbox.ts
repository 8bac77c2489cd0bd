/**
 * The surroundings of a run: a home and a folder for temporary files of its own, so that nothing of the user's is read or
 * changed, and a look at what was left there.
 */
import { join } from "node:path";
import process from "node:process";

/** The variable that marks every process of a run. */
const MARK = "EXEC_SERVER_TEST_RUN";

/** Milliseconds that processes have to end in once all jobs have. */
const GRACE_MS = 5_000;

/** `await using` ends what still runs, and removes the folders. */
export class Sandbox implements AsyncDisposable {
  readonly #folder: string;
  /** Variables of every job. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(folder: string, env: Record<string, string>) {
    this.#folder = folder;
    this.env = env;
  }

  static async create(): Promise<Sandbox> {
    // A short path: that of a Unix socket below it has room for 107 bytes.
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "est-" }));
    const places: Record<string, string> = {
      HOME: "home",
      TMPDIR: "tmp",
      XDG_CONFIG_HOME: "home/.config",
      XDG_DATA_HOME: "home/.local/share",
      XDG_STATE_HOME: "home/.local/state",
      XDG_CACHE_HOME: "home/.cache",
      XDG_RUNTIME_DIR: "run",
    };
    const env: Record<string, string> = {
      ...Deno.env.toObject(),
      ...await keptCaches(),
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1", // A test's proxy would see it.
    };
    for (const [name, place] of Object.entries(places)) {
      env[name] = join(folder, place);
      await Deno.mkdir(env[name], { recursive: true, mode: 0o700 });
    }
    // Tests become other users, who may go through the folder and write into the one for temporary files, as in `/tmp`.
    await Deno.chmod(folder, 0o755);
    await Deno.chmod(env.TMPDIR!, 0o1777);
    return new Sandbox(folder, { ...env, [MARK]: folder });
  }

  /** Names in the folder for temporary files that nobody removed. */
  leftFiles(): string[] {
    return [...Deno.readDirSync(this.env.TMPDIR!)].map(({ name }) => name);
  }

  /** Processes of the run that still are, each with its command line; where the system tells. */
  async leftProcesses(): Promise<Map<number, string>> {
    const end = performance.now() + GRACE_MS;
    for (;;) {
      const left = this.#processes();
      if (left.size === 0 || performance.now() > end) return left;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  #processes(): Map<number, string> {
    const found = new Map<number, string>();
    if (Deno.build.os !== "linux") return found;
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
      try {
        const environment = Deno.readTextFileSync(`/proc/${name}/environ`).split("\0");
        if (!environment.includes(`${MARK}=${this.#folder}`)) continue;
        found.set(Number(name), Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim());
      } catch {
        // It has ended meanwhile, or is somebody else's.
      }
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What one of them starts while it is looked for is found the next time.
    for (let left = this.#processes(); left.size > 0; left = this.#processes()) {
      for (const pid of left.keys()) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended meanwhile.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await Deno.remove(this.#folder, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/** Where Deno and npm keep what they downloaded, and npm its settings: in the user's home, wherever the tests' is. */
async function keptCaches(): Promise<Record<string, string>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout)) as { denoDir: string };
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  if (home === undefined) return { DENO_DIR: denoDir };
  return {
    DENO_DIR: denoDir,
    npm_config_cache: Deno.env.get("npm_config_cache") ?? join(home, ".npm"),
    npm_config_userconfig: Deno.env.get("npm_config_userconfig") ?? join(home, ".npmrc"),
  };
}
