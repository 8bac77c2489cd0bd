/** Machines whose terminals are missing or used up. */
import assert from "node:assert/strict";
import { openFiles } from "../support/proc.ts";
import { collect, openClient, startParams } from "../support/client.ts";
import { serverCommand, startServer } from "../support/server_process.ts";

/** Holds the only terminal for as long as the server lives, which is started in place of the shell. */
const holdTerminal =
  "exec 9<>/dev/ptmx; while kill -0 $$; do sleep 0.1; done </dev/null >/dev/null 2>&1 & exec 9>&-";

const machines: [string, string, RegExp][] = [
  ["no /dev/pts", "mount -t tmpfs none /dev/pts", /no terminal can be opened: .*\/dev\/pts/],
  [
    "as many terminals as there may be",
    "mount -t devpts -o newinstance,ptmxmode=666,max=1 devpts /dev/pts; mount --bind /dev/pts/ptmx /dev/ptmx; " +
    holdTerminal,
    /no terminal is free: .*kernel\.pty\.max/,
  ],
];

for (const [what, script, message] of machines) {
  Deno.test({
    name: `with ${what} a start on a terminal says so, leaves nothing behind, and pipes work`,
    ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
    async fn() {
      const command = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0"];
      const own = ["unshare", "-m", "bash", "-c", `${script}; exec "$@"`, "bash", ...command];
      await using server = await startServer({ command: own });
      const client = await openClient(server.url);
      const onTerminal = () => client.start(startParams("t", ["true"], { tty: true }));
      const refused = { code: -32603, message, data: { kind: "spawnFailed" } };
      await assert.rejects(onTerminal(), refused);
      const before = openFiles(server.pid);
      for (let i = 0; i < 10; i++) await assert.rejects(onTerminal(), refused);
      assert.ok(openFiles(server.pid) <= before);
      assert.equal((await collect(await client.start(startParams("p", ["true"])))).exitCode, 0);
      client.close();
    },
  });
}
