/** Networks of chosen hosts as people ask for them: by flags, at the terminal, and in the library. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Environment } from "../../src/machine/environment.ts";
import { thisHost } from "../../src/runtime/this_host.ts";
import { openClient } from "../support/client.ts";
import { canConfine } from "../support/sandbox.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { TerminalProgram } from "../support/terminal_program.ts";

/** Runs exec-server with some arguments. */
async function program(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [name, ...rest] = serverCommand();
  const { code, stdout, stderr } = await new Deno.Command(name!, { args: [...rest, ...args], stdin: "null" })
    .output();
  return { code, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() };
}

/** A web server that says hello. */
function serveHello() {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("hello\n"),
  );
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

const get = (
  ...hosts: string[]
) => ["sh", "-c", `for host; do curl -sS http://$host/ || exit; echo; done`, "sh", ...hosts];

Deno.test({
  name: "run --allow-domain lets a confined command reach that host, and --deny-domain wins",
  ignore: !canConfine,
  async fn() {
    await using web = serveHello();
    const host = `127.0.0.1:${web.port}`;
    const run = async (...flags: string[]) =>
      (await program(["run", "-n", "--sandbox", "read-only", ...flags, "--", ...get(host, "other.test")]))
        .stdout;
    assert.match(await run("--allow-domain", "127.0.0.1"), /^hello\n\n.*"reason":"not_allowed"/);
    assert.match(
      await run("--allow-domain", "127.0.0.1", "--deny-domain", "127.0.0.1"),
      /^\{.*"reason":"denied"/,
    );
  },
});

for (
  const [flags, message] of [
    [["--allow-domain", "x"], /--allow-domain is for a command with --sandbox/],
    [["--ask-network"], /--ask-network is for a command with --sandbox/],
    [["--sandbox", "read-only", "--network", "full", "--deny-domain", "x"], /--deny-domain .* choose one/],
    [["--sandbox", "read-only", "-d", "--ask-network"], /nobody is there for --ask-network/],
  ] as const
) {
  Deno.test(`run ${flags.join(" ")} is refused`, async () => {
    const { code, stderr } = await program(["run", ...flags, "--", "true"]);
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}

Deno.test({
  name: "a pattern that opens more than it says is refused in words",
  ignore: !canConfine,
  async fn() {
    const { code, stderr } = await program(
      ["run", "-n", "--sandbox", "read-only", "--allow-domain", "ex*.test", "--", "true"],
    );
    assert.equal(code, 125);
    assert.match(stderr, /unsupported domain pattern syntax: ex\*\.test: a \* stands for whole labels/);
  },
});

Deno.test({
  name: "run --ask-network asks at the terminal, and remembers what is to be always so",
  ignore: !canConfine,
  async fn() {
    await using server = await startServer();
    const client = await openClient(server.url);
    const command = get("a.test", "b.test", "b.test", "c.test");
    const terminal = await TerminalProgram.start(client, [
      ...serverCommand(),
      ...["run", "--sandbox", "read-only", "--ask-network", "--", ...command],
    ], { size: { rows: 24, cols: 250 } });
    const asked = (host: string) => ({ lines }: { lines: readonly string[] }) =>
      lines.some((line) => line.includes(`wants HTTP to ${host}, port 80. [y]es, [n]o, [a]lways, ne[v]er?`));
    await terminal.see(asked("a.test"));
    await terminal.type("what\rn\r");
    await terminal.see(asked("b.test"));
    await terminal.type("v\r");
    await terminal.see(asked("c.test"));
    await terminal.type("y\r");
    // It was allowed, and is nowhere.
    const { lines } = await terminal.see(({ lines }) => lines.join().includes("not_allowed_local"));
    const reasons = [...lines.join("\n").matchAll(/"host":"(\w)\.test","reason":"([^"]*)"/g)];
    assert.deepEqual(reasons.map(([, host, reason]) => `${host} ${reason}`), [
      "a denied by the user",
      "b denied by the user",
      "b denied by the user",
      "c not_allowed_local",
    ]);
    client.close();
  },
});

Deno.test({
  name: "run --ask-network needs a terminal",
  ignore: !canConfine,
  async fn() {
    // A session of its own has none.
    const [name, ...rest] = serverCommand();
    const args = ["-w", name!, ...rest, "run", "-n", "--sandbox", "read-only", "--ask-network", "--", "true"];
    const { code, stderr } = await new Deno.Command("setsid", { args, stdin: "null" }).output();
    assert.equal(code, 2);
    assert.match(new TextDecoder().decode(stderr), /--ask-network needs a terminal to ask at/);
  },
});

for (const where of ["here", "on a server"] as const) {
  Deno.test({
    name: `the library gives a process ${where} a network of chosen hosts, and asks about the rest`,
    ignore: !canConfine,
    async fn() {
      await using web = serveHello();
      await using server = where === "here" ? undefined : await startServer();
      await using machine = await Environment.create(server?.url, { host: thisHost });
      const [asked, decided]: [string[], string[]] = [[], []];
      const process = await machine.exec.start({
        argv: get(`127.0.0.1:${web.port}`, "a.test", "b.test"),
        sandbox: {
          mode: "read-only",
          network: {
            allow: ["127.0.0.1"],
            deny: ["**.b.test"],
            ask: ({ host, port }) => {
              asked.push(`${host}:${port}`);
              throw new Error("nobody is there");
            },
            onDecision: ({ host, decision, reason }) => decided.push(`${host} ${decision} ${reason}`),
          },
        },
      });
      let text = "";
      for await (const event of process.events()) {
        if (event.kind === "output") text += new TextDecoder().decode(event.bytes);
      }
      assert.match(text, /^hello\n\n.*"policy_denied".*\n.*"denied"/);
      assert.deepEqual(asked, ["a.test:80"]);
      assert.deepEqual(decided, ["127.0.0.1 allow allow", "a.test deny policy_denied", "b.test deny denied"]);
      const refused = machine.exec.start({
        argv: ["true"],
        sandbox: { mode: "read-only", network: { allow: ["a:80"] } },
      });
      await assert.rejects(refused, { code: "EINVAL", message: /leave the port out/ });
      const misspelt = { mode: "read-only", network: { allows: [] } } as never;
      await assert.rejects(machine.exec.start({ argv: ["true"], sandbox: misspelt }), TypeError);
    },
  });
}
