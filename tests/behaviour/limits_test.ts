/** Limits that whoever runs the program sets. */
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { startParams } from "../support/client.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { Wire } from "../support/wire.ts";

const env = (limits: string) => ({ ...Deno.env.toObject(), EXEC_SERVER_LIMITS: limits });

/** Runs a command of the program with limits set; resolves with its status, and what it says of it. */
async function run(limits: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const [program, ...start] = serverCommand();
  const command = new Deno.Command(program!, { args: [...start, ...args], env: env(limits), stdin: "null" });
  const { code, stderr } = await command.output();
  return { code, text: new TextDecoder().decode(stderr) };
}

Deno.test("limits that are set hold, and the log says which", async () => {
  await using server = await startServer({ env: env("PROCESSES_PER_SESSION=2 FILE_HANDLES=1") });
  match(server.stderr(), /limits set PROCESSES_PER_SESSION=2 FILE_HANDLES=1/);
  using wire = await Wire.open(server.url);
  await wire.initialize();
  const start = (id: string) => wire.request("process/start", startParams(id, ["sleep", "1000"]));
  await start("one");
  await start("two");
  await rejects(start("three"), /at most 2 processes/);
  const open = (handleId: string) => wire.request("fs/open", { handleId, path: "file:///etc/hostname" });
  await open("one");
  await rejects(open("two"), /at most 1 /);
});

Deno.test("limits that cannot be set are refused at the start, with what was meant", async () => {
  const refusals = {
    "SESIONS=1": /EXEC_SERVER_LIMITS: no limit "SESIONS" may be set; did you mean "SESSIONS"\?/,
    "JSON_DEPTH=3": /no limit "JSON_DEPTH" may be set; those that may are CONNECTIONS|RESERVED_DESCRIPTORS/,
    "SESSIONS": /SESSIONS takes a whole number from 1 to 2147483647, not ""/,
    "SESSIONS=0": /not "0"/,
    "SESSIONS=1.5": /not "1.5"/,
    "SESSIONS=2147483648": /not "2147483648"/,
    "SESSIONS=1,CONNECTIONS=many": /CONNECTIONS takes .*, not "many"/,
  };
  for (const [limits, refusal] of Object.entries(refusals)) {
    const { code, text } = await run(limits, "serve", "--listen", "ws://127.0.0.1:0");
    equal(code, 2, text);
    match(text, refusal);
  }
  equal((await run("SESIONS=1", "run", "--", "true")).code, 2);
});

Deno.test("what tells of the program itself looks at no limits, and none changes nothing", async () => {
  deepEqual(await run("SESIONS=1", "--version"), { code: 0, text: "" });
  deepEqual(await run(" ", "run", "--", "true"), { code: 0, text: "" });
});
