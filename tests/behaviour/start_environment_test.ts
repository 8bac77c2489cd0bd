/** What a child is given, and what it is not. */
import assert from "node:assert/strict";
import type { ExecServerClient } from "../../src/client/client.ts";
import type { RpcError } from "../../src/protocol/errors.ts";
import type { ParamsSent } from "../../src/protocol/methods.ts";
import { bytesOf, collect, openClient, type Outcome, startParams, textOf } from "../support/client.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";

type Rest = Partial<ParamsSent<"process/start">>;

let server: ServerProcess;
let client: ExecServerClient;
let folder: string;
let number = 0;

Deno.test.beforeAll(async () => {
  folder = Deno.makeTempDirSync();
  // Descriptors that whoever starts the server has left open, a lock among them.
  const script =
    `exec 7</etc/passwd 8>${folder}/lock 133<${folder}; flock 8; exec env $'ODD=a\\xffb\\xc3\\xa9' $'ODD\\xfe=v' "$@"`;
  const command = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0"];
  server = await startServer({ command: ["bash", "-c", script, "bash", ...command] });
  client = await openClient(server.url);
});

Deno.test.afterAll(async () => {
  client.close();
  await server.stop();
  Deno.removeSync(folder, { recursive: true });
});

async function run(argv: string[], rest: Rest = {}): Promise<Outcome> {
  return await collect(await client.start(startParams(`p${++number}`, argv, rest)));
}

function script(name: string, text: string): string {
  Deno.writeTextFileSync(`${folder}/${name}`, text, { mode: 0o755 });
  return `${folder}/${name}`;
}

for (const rest of [{}, { pipeStdin: true }, { tty: true }]) {
  Deno.test(`a child has its own three descriptors alone: ${JSON.stringify(rest)}`, async () => {
    const { events } = await run(["sh", "-c", "ls /proc/$$/fd; true"], rest);
    const text = textOf(bytesOf(events, "tty" in rest ? "pty" : "stdout"));
    // On a terminal a shell keeps that under a high number of its own.
    assert.deepEqual(text.trim().split(/\s+/).filter((name) => name !== "10"), ["0", "1", "2"]);
  });
}

for (const rest of [{}, { tty: true }]) {
  const stream = "tty" in rest ? "pty" : "stdout";
  Deno.test(`a script without a #! line runs, as from a shell: ${stream}`, async () => {
    const path = script("greet", 'echo "hello $1 from $0"\n');
    for (const argv of [[path, "you"], ["greet", "you"]]) {
      const { events, exitCode } = await run(argv, { ...rest, env: { PATH: `${folder}:/usr/bin:/bin` } });
      assert.equal(textOf(bytesOf(events, stream)).trim(), `hello you from ${path}`);
      assert.equal(exitCode, 0);
    }
  });

  Deno.test(`a file that is neither a program nor a script is refused: ${stream}`, async () => {
    for (const [name, text] of [["binary", "\0\x01\n"], ["empty", ""], ["scrap", "no line"]] as const) {
      const refused = { code: -32603, message: /Exec format error/, data: { kind: "spawnFailed" } };
      await assert.rejects(run([script(name, text)], rest), refused, name);
    }
  });
}

Deno.test("variables of the server that are not text are inherited byte by byte", async () => {
  const envPolicy = {
    inherit: "all",
    ignoreDefaultExcludes: true,
    exclude: [],
    set: {},
    includeOnly: ["ODD*"],
  };
  const { stdout } = await run(["/usr/bin/env", "-0"], { env: {}, envPolicy } as Rest);
  const bytes = Array.from(stdout, (byte) => String.fromCharCode(byte)).join("");
  assert.deepEqual(bytes.split("\0").sort(), ["", "ODD=a\xffb\xc3\xa9", "ODD\xfe=v"]);
});

Deno.test("the name of a variable may be empty or hold an equals sign", async () => {
  const { stdout } = await run(["/usr/bin/env", "-0"], { env: { "": "a", "B=C": "d", "=E": "f" } });
  assert.deepEqual(textOf(stdout).split("\0").sort(), ["", "=E=f", "=a", "B=C=d"].sort());
});

const refusals: [string, string[], Rest, string][] = [
  ["a missing program", ["/missing"], {}, "spawnNotFound"],
  ["a program that PATH does not hold", ["missing"], {}, "spawnNotFound"],
  ["a program that PATH does not hold, on a terminal", ["missing"], { tty: true }, "spawnFailed"],
  ["a missing directory", ["true"], { cwd: "file:///missing" }, "spawnNotFound"],
  ["a file as directory", ["true"], { cwd: "file:///etc/passwd" }, "spawnFailed"],
  ["a directory as program", ["/etc"], {}, "spawnPermissionDenied"],
  ["a name below a file", ["/etc/passwd/x"], {}, "spawnFailed"],
  ["no program", [""], {}, "spawnFailed"],
  ["a NUL", ["echo", "a\0b"], {}, "spawnFailed"],
  ["an argument that is too long", ["echo", "x".repeat(200_000)], {}, "spawnFailed"],
  ["a PATH that is too long", ["missing"], { env: { PATH: ":/x".repeat(1 << 20) } }, "spawnFailed"],
];
for (const [what, argv, rest, kind] of refusals) {
  Deno.test(`a start with ${what} is told to be ${kind}`, async () => {
    await assert.rejects(run(argv, rest), (error: RpcError) => {
      assert.deepEqual([error.code, error.data], [-32603, { kind }]);
      return true;
    });
  });
}

Deno.test("what is no failure of the start has no kind", async () => {
  await assert.rejects(run([]), { code: -32602, data: undefined });
  const set = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => ["a".repeat(40) + i, ""]));
  const envPolicy = {
    inherit: "none",
    ignoreDefaultExcludes: true,
    exclude: [],
    set,
    includeOnly: Array(300).fill("*a*a*z"),
  };
  await assert.rejects(run(["true"], { envPolicy } as Rest), {
    code: -32602,
    data: undefined,
    message: /globs/,
  });
});

Deno.test("a thread's id may be written in every way the reference server reads", async () => {
  const start = (threadId: string) => run(["true"], { metadata: { threadId } });
  const id = "01a22cd4-4873-07c3-0fb9-950d82e48fc4";
  const taken = [id, id.toUpperCase(), id.replaceAll("-", ""), `{${id}}`, `urn:uuid:${id}`, "0".repeat(32)];
  for (const text of taken) assert.equal((await start(text)).exitCode, 0, text);
  for (const text of [`{${id}`, `URN:UUID:${id}`, `{${id.replaceAll("-", "")}}`, id.slice(1), `${id} `]) {
    await assert.rejects(start(text), { code: -32602 }, text);
  }
});

Deno.test("a lock that the server was given ends with the server", async () => {
  const own = await startServer({
    command: [
      "bash",
      "-c",
      `exec 8>${folder}/own; flock 8; exec "$@"`,
      "bash",
      ...serverCommand(),
      "serve",
      "--listen",
      "ws://127.0.0.1:0",
    ],
  });
  const other = await openClient(own.url);
  await other.start(startParams("p", ["setsid", "-f", "sleep", "5"]));
  other.close();
  await own.stop();
  const free = new Deno.Command("flock", { args: ["-n", `${folder}/own`, "true"] }).outputSync();
  assert.equal(free.code, 0);
});
