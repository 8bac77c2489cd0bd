import { fileURLToPath } from "node:url";

/** A file system that another program serves, as sshfs does, or that nobody serves any more. */
export class FuseMount implements AsyncDisposable {
  readonly path: string;
  readonly #holder: Deno.ChildProcess;

  private constructor(path: string, holder: Deno.ChildProcess) {
    this.path = path;
    this.#holder = holder;
  }

  /** Whether this machine can have one. */
  static get isPossible(): boolean {
    try {
      return Deno.build.os === "linux" && Deno.uid() === 0 &&
        Deno.statSync("/dev/fuse").isCharDevice === true;
    } catch {
      return false;
    }
  }

  /** One that answers nothing, as that of a dead NFS or sshfs server. */
  static async silent(): Promise<FuseMount> {
    const path = Deno.makeTempDirSync();
    const options = "fd=9,rootmode=40755,user_id=0,group_id=0,allow_other";
    // The descriptor must stay open; nobody reads what the kernel asks by it.
    const script =
      `exec 9<>/dev/fuse; mount -i -t fuse -o ${options} silent "$0" && echo mounted && exec sleep 1000`;
    return await FuseMount.#served(path, "bash", ["-c", script, path]);
  }

  /** One that answers: an empty directory. */
  static async empty(): Promise<FuseMount> {
    const path = Deno.makeTempDirSync();
    return await FuseMount.#served(path, "python3", [
      fileURLToPath(import.meta.resolve("./empty_mount.py")),
      path,
    ]);
  }

  static async #served(path: string, program: string, args: string[]): Promise<FuseMount> {
    const holder = new Deno.Command(program, { args, stdout: "piped" }).spawn();
    const { value } = await holder.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
    if (!value?.startsWith("mounted")) throw new Error("A FUSE file system could not be mounted");
    return new FuseMount(path, holder);
  }

  /** Whoever waits for it gets an error. */
  async [Symbol.asyncDispose](): Promise<void> {
    new Deno.Command("umount", { args: ["-l", this.path] }).outputSync();
    this.#holder.kill("SIGKILL");
    await this.#holder.status;
    Deno.removeSync(this.path);
  }
}
