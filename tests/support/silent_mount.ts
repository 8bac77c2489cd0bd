/** A file system that answers nothing, as that of a dead NFS or sshfs server: a FUSE mount that nobody serves. */
export class SilentMount implements AsyncDisposable {
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

  static async make(): Promise<SilentMount> {
    const path = Deno.makeTempDirSync();
    const options = "fd=9,rootmode=40755,user_id=0,group_id=0,allow_other";
    // The descriptor must stay open; nobody reads what the kernel asks by it.
    const script =
      `exec 9<>/dev/fuse; mount -i -t fuse -o ${options} silent "$0" && echo mounted && exec sleep 1000`;
    const holder = new Deno.Command("bash", { args: ["-c", script, path], stdout: "piped" }).spawn();
    const { value } = await holder.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
    if (value !== "mounted\n") throw new Error("A FUSE file system could not be mounted");
    return new SilentMount(path, holder);
  }

  /** Whoever waits for it gets an error. */
  async [Symbol.asyncDispose](): Promise<void> {
    new Deno.Command("umount", { args: ["-l", this.path] }).outputSync();
    this.#holder.kill("SIGKILL");
    await this.#holder.status;
    Deno.removeSync(this.path);
  }
}
