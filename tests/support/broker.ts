/** A real NATS broker on a free port of the loopback address. */
import { join } from "node:path";
import { connect, createServer } from "node:net";
import { delay } from "@std/async/delay";

/** A broker that can be killed, stopped and started again; `await using` ends it. */
export class TestBroker implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  #child: Deno.ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  /** @param config what its configuration says beside the port */
  static async start(config = ""): Promise<TestBroker> {
    const folder = await Deno.makeTempDir();
    const broker = new TestBroker(await freePort(), folder);
    await Deno.writeTextFile(
      join(folder, "broker.conf"),
      `listen: "127.0.0.1:${broker.port}"\nlog_file: "${join(folder, "broker.log")}"\n${config}`,
    );
    await broker.start();
    return broker;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child!.pid;
  }

  async start(): Promise<void> {
    this.#child = new Deno.Command("nats-server", {
      args: ["-c", join(this.#folder, "broker.conf")],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    while (!await accepts(this.port)) await delay(20);
  }

  async kill(): Promise<void> {
    this.#child!.kill("SIGKILL");
    await this.#child!.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill().catch(() => {});
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Whether there is a broker to be had for tests, which Debian calls nats-server. */
export const hasBroker: boolean = await new Deno.Command("nats-server", {
  args: ["--version"],
  stdout: "null",
  stderr: "null",
}).output().then(() => true, () => false);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
