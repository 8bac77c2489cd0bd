/** Who decides about what a command runs, as people ask for it: at the terminal, and in the library. */
import assert from "node:assert/strict";
import { Environment } from "../../src/machine/environment.ts";
import type { ExecPolicyRequest } from "../../src/machine/exec_policy_request.ts";
import { thisHost } from "../../src/runtime/this_host.ts";
import { openClient } from "../support/client.ts";
import { canConfine } from "../support/sandbox.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { TerminalProgram } from "../support/terminal_program.ts";

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "run --ask-exec asks at the terminal, beside --ask-network, and remembers what begins in one way",
  ignore: ignore || !canConfine,
  async fn() {
    await using server = await startServer();
    const client = await openClient(server.url);
    const script =
      "expr length one; expr length four; expr 1 + 1; curl -sS http://a.test/; touch x; echo status $?";
    const terminal = await TerminalProgram.start(client, [
      ...serverCommand(),
      ...["run", "--sandbox", "read-only", "--ask-network", "--ask-exec", "--", "sh", "-c", script],
    ], { size: { rows: 40, cols: 250 } });
    const shows = (text: string) => ({ lines }: { lines: readonly string[] }) =>
      lines.some((line) => line.includes(text));
    await terminal.see(shows("runs /usr/bin/expr length one in "));
    await terminal.see(shows("[a]lways or ne[v]er what begins with /usr/bin/expr length?"));
    await terminal.type("a\r");
    await terminal.see(shows("runs /usr/bin/expr 1 + 1 in "));
    await terminal.type("y\r");
    await terminal.see(shows("runs /usr/bin/curl -sS http://a.test/ in "));
    await terminal.type("y\r");
    await terminal.see(shows("wants HTTP to a.test, port 80."));
    await terminal.type("n\r");
    await terminal.see(shows("runs /usr/bin/touch x in "));
    await terminal.type("v\r");
    const { lines } = await terminal.see(shows("status 126"));
    assert.equal(lines.filter((line) => line.includes("runs /usr/bin/expr length")).length, 1);
    client.close();
  },
});

Deno.test({
  name: "run --ask-exec needs a terminal that is not the command's",
  ignore,
  async fn() {
    const [name, ...rest] = serverCommand();
    for (
      const [flags, said] of [
        [["-n"], /--ask-exec needs a terminal to ask at/],
        [["-d"], /nobody is there for --ask-exec/],
      ] as const
    ) {
      const args = ["-w", name!, ...rest, "run", ...flags, "--ask-exec", "--", "true"];
      const { code, stderr } = await new Deno.Command("setsid", { args, stdin: "null" }).output();
      assert.equal(code, 2);
      assert.match(new TextDecoder().decode(stderr), said);
    }
  },
});

for (const where of ["here", "on a server"] as const) {
  Deno.test({
    name: `start({ execPolicy }) decides and tells, ${where}`,
    ignore,
    async fn() {
      await using server = where === "here" ? undefined : await startServer();
      await using machine = await Environment.create(server?.url, { host: thisHost });
      const decided: string[] = [];
      const execPolicy: ExecPolicyRequest = {
        rules: [{ argv: ["sh"], decision: "allow" }, { argv: ["ls"], decision: "deny" }],
        ask({ path, argv, cwd }) {
          assert.equal(cwd, "/tmp");
          if (argv.includes("ELSE")) return { elsewhere: { env: { TOLD: "anew" } } };
          return path.endsWith("/touch") ? { allow: false, reason: "no" } : { allow: true };
        },
        onDecision: ({ argv, decision, source }) => void decided.push(`${argv[0]} ${decision} ${source}`),
      };
      const script = "/bin/echo one; ls; touch x; bash -c 'echo $TOLD' ELSE";
      const process = await machine.exec.start({ argv: ["sh", "-c", script], cwd: "/tmp", execPolicy });
      let said = "";
      for await (const event of process.events()) {
        if (event.kind === "output" && event.stream === "stdout") {
          said += new TextDecoder().decode(event.bytes);
        }
      }
      assert.equal(said, "one\nanew\n");
      for (
        const text of [
          "sh allow rule",
          "/bin/echo allow client",
          "ls deny rule",
          "touch deny client",
          "bash elsewhere client",
        ]
      ) assert.ok(decided.includes(text), `${text} of ${decided}`);
      await assert.rejects(
        machine.exec.start({ argv: ["true"], cwd: "/tmp", execPolicy: { otherwise: "deny" } }),
        /the exec policy denies/,
      );
    },
  });
}
