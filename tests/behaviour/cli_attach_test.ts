/** `attach`, as a person uses it: at a terminal of tmux, on the shell of an agent. */
import { match, rejects, strictEqual as is } from "node:assert/strict";
import { Environment, type KeyboardHolder, KeyboardTakenError, type SharedProcess } from "../../mod.ts";
import { runCommand } from "../support/command.ts";
import { serverCommand, startServer } from "../support/server_process.ts";

const hasTmux = await new Deno.Command("tmux", { args: ["-V"] }).output().then(() => true, () => false);

/** A terminal of 24 rows and 80 columns. */
class Tmux implements AsyncDisposable {
  readonly #socket = `exec-server-${crypto.randomUUID()}`;

  async run(...args: string[]): Promise<string> {
    const { stdout, stderr, success } = await new Deno.Command("tmux", {
      args: ["-L", this.#socket, "-f", "/dev/null", ...args],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  }

  /** Looks until the terminal shows something. */
  async sees(pattern: RegExp): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const seen = await this.run("capture-pane", "-p");
      if (pattern.test(seen)) return;
      if (Date.now() > deadline) throw new Error(`It never showed ${pattern}, only:\n${seen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run("kill-server").catch(() => {});
  }
}

/** Waits until somebody has the keyboard. */
function keyboard(process: SharedProcess, holder: KeyboardHolder): Promise<void> {
  return new Promise((resolve) => {
    const end = process.listenKeyboard((change) => {
      if (change.holder !== holder) return;
      end();
      resolve();
    });
  });
}

Deno.test({
  name: "a person looks on an agent's shell, takes its keyboard, leaves, and the agent goes on",
  ignore: !hasTmux,
  async fn() {
    await using server = await startServer({ args: ["--log-level", "off"] });
    await using agent = await Environment.create(server.url, { clientName: "agent" });
    const shell = await agent.exec.start({
      argv: ["bash", "--norc", "--noprofile"],
      tty: true,
      name: "shell",
      size: { rows: 30, cols: 100 },
    });
    await shell.write("PS1='$ '; X=1; echo agents-line\r");
    await using tmux = new Tmux();
    const attach = (flags: string) =>
      `${
        serverCommand().map((word) => `'${word}'`).join(" ")
      } attach --url ${server.url} ${flags} shell; echo "status=$?"`;
    await tmux.run(
      "new-session",
      "-d",
      "-x",
      "80",
      "-y",
      "24",
      "sh",
      "-c",
      `${attach("")}; ${attach("--take")}; exec cat`,
    );
    await tmux.sees(/^agents-line/m);
    await tmux.run("send-keys", "x");
    await tmux.sees(/the keyboard is with agent; attach --take takes it/);
    const taken = keyboard(shell as SharedProcess, "viewer");
    await tmux.run("send-keys", "C-p", "C-q");
    const told = Promise.withResolvers<void>();
    let seen = "";
    const following = (async () => {
      for await (const event of shell.events()) {
        if (event.kind === "output") seen += new TextDecoder().decode(event.bytes);
        if (seen.includes("typed=2 24 80")) return told.resolve();
      }
    })();
    await taken;
    await rejects(shell.write("lost\r"), KeyboardTakenError);
    await tmux.run("send-keys", "X=2; echo typed=$X $(stty size)", "Enter");
    await told.promise;
    await following;
    const back = keyboard(shell as SharedProcess, "you");
    await tmux.run("send-keys", "C-p", "C-q");
    await back;
    await shell.write("exit $((X + 5))\r");
    for await (const event of shell.events()) if (event.kind === "exited") is(event.exitCode, 7);
  },
});

Deno.test("what is piped into attach reaches a process that nobody owns, with its end", async () => {
  await using server = await startServer({ args: ["--log-level", "off"] });
  const env = { EXEC_SERVER_URL: server.url };
  await runCommand(["run", "-d", "-i", "--name", "upper", "--", "sh", "-c", "tr a-z A-Z; exit 4"], { env });
  const { code, text, stderr } = await runCommand(["attach", "upper"], { env, stdin: "piped\n" });
  is(code, 4, stderr);
  is(text, "PIPED\n");
  const again = await runCommand(["attach", "upper"], { env });
  is(again.code, 4, again.stderr);
  match((await runCommand(["attach", "--take", "--read-only", "x"], { env })).stderr, /choose one/);
  match(
    (await runCommand(["attach", "--detach-keys", "alt-x", "x"], { env })).stderr,
    /--detach-keys takes keys/,
  );
});
