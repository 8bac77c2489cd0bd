import assert from "node:assert/strict";
import { join } from "node:path";
import type { ExecServerClient } from "../../src/client/client.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import type { ParamsSent } from "../../src/protocol/methods.ts";
import { collect, openClient, type Outcome, startParams, textOf } from "../support/client.ts";
import { openFiles, until } from "../support/proc.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";
import { Wire } from "../support/wire.ts";

let server: ServerProcess;
let client: ExecServerClient;
let folder: string;
let number = 0;

Deno.test.beforeAll(async () => {
  folder = await Deno.realPath(await Deno.makeTempDir());
  server = await startServer({ env: { PATH: Deno.env.get("PATH")!, HOME: folder, OWN: "server" } });
  client = await openClient(server.url);
});

Deno.test.afterAll(async () => {
  client.close();
  await server.stop();
  await Deno.remove(folder, { recursive: true });
});

/** What no sandbox can give. */
const impossible = {
  permissions: {
    type: "managed",
    file_system: {
      type: "restricted",
      entries: [{ path: { type: "glob_pattern", pattern: "*.txt" }, access: "write" }],
    },
    network: "restricted",
  },
  windowsSandboxLevel: "disabled",
};

/** Runs a command to its end under a fresh name. */
async function run(argv: string[], rest: Partial<ParamsSent<"process/start">> = {}): Promise<Outcome> {
  return await collect(await client.start(startParams(`start-${++number}`, argv, rest)));
}

async function output(argv: string[], rest: Partial<ParamsSent<"process/start">> = {}): Promise<string> {
  return textOf((await run(argv, rest)).stdout);
}

Deno.test("a process streams both its outputs, exits with its status, and closes", async () => {
  const { events, stdout, stderr, exitCode } = await run(["sh", "-c", "echo out; echo err >&2; exit 3"]);
  assert.deepEqual([textOf(stdout), textOf(stderr), exitCode], ["out\n", "err\n", 3]);
  assert.deepEqual(events.map((event) => "seq" in event && event.seq), [1, 2, 3, 4]);
  assert.equal(events.at(-1)?.kind, "closed");
});

Deno.test("a process that says nothing exits as its first event and closes as its second", async () => {
  const { events, exitCode } = await run(["true"]);
  assert.deepEqual(events.map((event) => [event.kind, "seq" in event && event.seq]), [["exited", 1], [
    "closed",
    2,
  ]]);
  assert.equal(exitCode, 0);
});

for (const [script, code] of [["exit 255", 255], ["kill -TERM $$", 143], ["kill -KILL $$", 137]] as const) {
  Deno.test(`\`${script}\` ends with exit code ${code}`, async () => {
    assert.equal((await run(["sh", "-c", script])).exitCode, code);
  });
}

Deno.test("output that comes after the exit still comes before the close", async () => {
  const { events, stdout } = await run(["sh", "-c", "(sleep 0.2; echo late) & exit 0"]);
  assert.equal(textOf(stdout), "late\n");
  assert.deepEqual(events.map(({ kind }) => kind), ["exited", "output", "closed"]);
});

Deno.test("stdin is empty unless it is asked for", async () => {
  assert.equal(await output(["sh", "-c", "cat; readlink /proc/self/fd/0"]), "/dev/null\n");
});

Deno.test("a process leads its own session and group", async () => {
  const { stdout } = await run(["sh", "-c", "cut -d' ' -f1,5,6 < /proc/$$/stat"]);
  const [pid, group, session] = textOf(stdout).trim().split(" ");
  assert.deepEqual([group, session], [pid, pid]);
});

Deno.test("no descriptor that the server opened is left open in a process", async () => {
  const shown = await output(["ls", "-l", "/proc/self/fd"]);
  // The last one is the folder that is being looked into.
  const own = [...shown.matchAll(/(\d+) -> (.*)$/gm)].map(([, number, target]) => `${number} ${target}`)
    .filter((line) => !/^[012] |\/proc\//.test(line));
  // What whoever started these tests left open is handed down to everybody.
  const inherited = [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      return [`${name} ${Deno.readLinkSync(`/proc/self/fd/${name}`)}`];
    } catch {
      return [];
    }
  });
  assert.deepEqual(own.filter((line) => !inherited.includes(line)), []);
});

Deno.test("a process can open its standard streams anew by their names", async () => {
  const channel = await client.start(
    startParams("anew", ["sh", "-c", "cat /dev/stdin > /dev/stderr; echo b > /dev/stdout"], {
      pipeStdin: true,
    }),
  );
  const processId = asProcessId("anew");
  await client.call("process/write", { processId, chunk: btoa("a\n"), writeId: "1" });
  await client.call("process/closeStdin", { processId });
  const { stdout, stderr } = await collect(channel);
  assert.deepEqual([textOf(stdout), textOf(stderr)], ["b\n", "a\n"]);
});

Deno.test("arguments arrive as they are", async () => {
  const args = ["", " ", "a b", "'", '"', "\\", "$HOME", "*", "é€😀", "-n", "\n", "--", "%s"];
  assert.equal(await output(["printf", "<%s>", ...args]), args.map((arg) => `<${arg}>`).join(""));
});

Deno.test("a very long argument arrives whole, and one that the system does not take is an error", async () => {
  assert.equal(await output(["sh", "-c", "echo ${#1}", "sh", "x".repeat(130_000)]), "130000\n");
  await assert.rejects(run(["true", "x".repeat(200_000)]), {
    code: -32603,
    message: /Argument list too long/,
  });
});

for (
  const [argv0, argv, rest] of [
    ["sh", ["sh", "-c"], {}],
    ["/bin/sh", ["/bin/sh", "-c"], {}],
    ["/bin/../bin/sh", ["/bin/../bin/sh", "-c"], {}],
    ["../bin/sh", ["../bin/sh", "-c"], { cwd: "file:///tmp" }],
    ["-other name", ["/bin/sh", "-c"], { arg0: "-other name" }],
    ["é", ["sh", "-c"], { arg0: "é" }],
  ] as const
) {
  Deno.test(`${argv[0]} with arg0 ${JSON.stringify("arg0" in rest ? rest.arg0 : null)} sees ${argv0}`, async () => {
    const shown = await output([...argv, "head -zn1 /proc/$$/cmdline"], rest);
    assert.equal(shown, `${argv0}\0`);
  });
}

Deno.test("the working directory is the one asked for, whatever its name", async () => {
  const odd = join(folder, "a b%é#?'\"\\");
  await Deno.mkdir(odd);
  const uri = `file://${odd.split("/").map(encodeURIComponent).join("/")}`;
  assert.equal(await output(["pwd"], { cwd: uri }), `${odd}\n`);
});

Deno.test("a program is found in the process's own PATH, relative to its own directory", async () => {
  await Deno.mkdir(join(folder, "bin"));
  await Deno.writeTextFile(join(folder, "bin/tool"), "#!/bin/sh\necho found\n", { mode: 0o755 });
  const cwd = `file://${folder}`;
  assert.equal(await output(["tool"], { cwd, env: { PATH: "bin:/bin" } }), "found\n");
  assert.equal(await output(["./bin/tool"], { cwd, env: {} }), "found\n");
  await assert.rejects(run(["tool"], { cwd, env: { PATH: "/bin" } }), { code: -32603 });
});

for (
  const [what, argv, rest, code, message] of [
    ["no argv", [], {}, -32602, /^argv must not be empty$/],
    ["an empty program", [""], {}, -32603, /^missing program for pipe spawn$/],
    ["a missing program", ["no-such-program"], {}, -32603, /os error 2.*"no-such-program"/],
    ["a missing program by path", ["/no/such/program"], {}, -32603, /os error 2.*"\/no\/such\/program"/],
    ["a directory as program", ["/tmp"], {}, -32603, /os error 13.*"\/tmp"/],
    ["a program that is not executable", ["/etc/passwd"], {}, -32603, /os error 13.*"\/etc\/passwd"/],
    ["a missing cwd", ["true"], { cwd: "file:///no/such/dir" }, -32603, /os error 2.*cwd "\/no\/such\/dir"/],
    ["a file as cwd", ["true"], { cwd: "file:///etc/passwd" }, -32603, /os error 20.*cwd "\/etc\/passwd"/],
    ["a missing program and cwd", ["nope"], { cwd: "file:///no" }, -32603, /os error 2.*cwd "\/no"/],
    ["a native path as cwd", ["true"], { cwd: "/tmp" }, -32602, /invalid URI/],
    [
      "a cwd of another machine",
      ["true"],
      { cwd: "file://host/tmp" },
      -32602,
      /not valid on this exec-server host/,
    ],
    ["a NUL in argv", ["echo", "a\0b"], {}, -32603, /NUL byte found in argv\[1\]/],
    ["a NUL in the environment", ["true"], { env: { A: "\0" } }, -32603, /variable "A"/],
    ["a NUL in arg0", ["true"], { arg0: "a\0" }, -32603, /NUL byte found in arg0/],
    ["a sandbox that cannot be", ["true"], { sandbox: impossible }, -32603, /cannot confine a process/],
  ] as const
) {
  Deno.test(`a start with ${what} says what is wrong, and leaves the name free`, async () => {
    const processId = `failed-${++number}`;
    const params = startParams(processId, [...argv], rest as Partial<ParamsSent<"process/start">>);
    await assert.rejects(client.start(params), { code, message });
    await assert.rejects(client.call("process/read", { processId: asProcessId(processId) }), {
      code: -32600,
    });
    assert.equal((await collect(await client.start(startParams(processId, ["true"])))).exitCode, 0);
  });
}

Deno.test("a script whose interpreter is missing is an error", async () => {
  await Deno.writeTextFile(join(folder, "missing"), "#!/no/such/interpreter\n", { mode: 0o755 });
  for (const rest of [{}, { arg0: "other" }]) {
    await assert.rejects(run([join(folder, "missing")], rest), { code: -32603, message: /os error 2/ });
  }
});

Deno.test("starts that fail leave no descriptor behind", async () => {
  const fail = async () => {
    for (const rest of [{}, { arg0: "x" }]) {
      await assert.rejects(run([join(folder, "missing")], rest));
      await assert.rejects(run(["true", "x".repeat(200_000)], rest));
    }
  };
  await Deno.writeTextFile(join(folder, "missing"), "#!/no/such/interpreter\n", { mode: 0o755 });
  await fail();
  const before = openFiles(server.pid);
  for (let i = 0; i < 20; i++) await fail();
  await until("descriptors are closed", () => openFiles(server.pid) <= before + 3);
});

Deno.test("a name in use is refused, and whoever has it goes on undisturbed", async () => {
  const other = await client.start(
    startParams("taken", ["sh", "-c", "read line; echo got $line"], { pipeStdin: true }),
  );
  const taken = { code: -32600, message: "process taken already exists" };
  await assert.rejects(client.call("process/start", startParams("taken", ["true"])), taken);
  await client.call("process/write", { processId: asProcessId("taken"), chunk: btoa("hi\n"), writeId: "1" });
  assert.equal(textOf((await collect(other)).stdout), "got hi\n");
  await assert.rejects(
    client.call("process/start", startParams("taken", ["true"])),
    taken,
    "nor is it free at once",
  );
});

Deno.test("a name may be any text", async () => {
  for (const processId of ["", " ", "a\nb", '"', "\\", "é€😀", "__proto__", "x".repeat(10_000)]) {
    assert.equal((await collect(await client.start(startParams(processId, ["true"])))).exitCode, 0);
  }
});

Deno.test("a terminated process stays readable, and every method knows what it is", async () => {
  const channel = await client.start(startParams("ended", ["sh", "-c", "echo hello; sleep 100"]));
  const events = channel[Symbol.asyncIterator]();
  await events.next();
  const processId = asProcessId("ended");
  assert.deepEqual(await client.call("process/terminate", { processId }), { running: true });
  for (let kind = ""; kind !== "closed";) kind = (await events.next()).value?.kind ?? "closed";
  assert.deepEqual(await client.call("process/terminate", { processId }), { running: false });
  assert.deepEqual(await client.call("process/signal", { processId, signal: "interrupt" }), {});
  const { chunks, ...rest } = await client.call("process/read", { processId });
  assert.equal(textOf(chunks[0]!.chunk), "hello\n");
  assert.deepEqual(rest, {
    nextSeq: 4,
    exited: true,
    exitCode: 137,
    closed: true,
    failure: null,
    sandboxDenied: false,
  });
  const { processes } = await client.call("process/list", undefined);
  const { pid, startedAtMs, handle, ...listed } = processes.find(({ processId }) => processId === "ended")!;
  assert.ok(pid > 1 && startedAtMs > 1.7e12);
  assert.match(handle!, /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  assert.deepEqual(listed, {
    processId,
    threadId: null,
    tty: false,
    nextSeq: 4,
    exited: true,
    exitCode: 137,
    signal: "SIGKILL",
    closed: true,
  });
});

Deno.test("a process is told with the thread on whose behalf it runs", async () => {
  const threadId = "0198f1d2-0000-7000-8000-000000000001";
  const processId = asProcessId("for a thread");
  await client.call("process/start", startParams(processId, ["true"], { metadata: { threadId } }));
  const { processes } = await client.call("process/list", undefined);
  assert.equal(processes.find((process) => process.processId === processId)?.threadId, threadId);
  await until("the log says so", () => server.stderr().includes(`thread=${threadId}`));
});

Deno.test("methods answer for an unknown process as the protocol has it", async () => {
  const processId = asProcessId("stranger");
  await assert.rejects(client.call("process/read", { processId }), {
    code: -32600,
    message: "unknown process id stranger",
  });
  assert.deepEqual(await client.call("process/write", { processId, chunk: "", writeId: "1" }), {
    status: "unknownProcess",
  });
  assert.deepEqual(await client.call("process/closeStdin", { processId }), { status: "unknownProcess" });
  assert.deepEqual(await client.call("process/signal", { processId, signal: "interrupt" }), {});
  assert.deepEqual(await client.call("process/terminate", { processId }), { running: false });
});

Deno.test("a server without descriptors left refuses starts, and loses nothing of what runs", async () => {
  const serve = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0"];
  const command = ["sh", "-c", 'ulimit -n 64 && exec "$@"', "sh", ...serve];
  for (let round = 0; round < 3; round++) {
    await using small = await startServer({ command });
    using wire = await Wire.open(small.url);
    await wire.initialize();
    // All at once, before the server is through with the first.
    const starts = await Promise.allSettled(Array.from({ length: 60 }, (_, i) => {
      const argv = ["head", "-c", "3000000", "/dev/zero"];
      return wire.request("process/start", startParams(`${i}`, argv, { tty: i % 10 === 9 }));
    }));
    let refused = 0;
    for (const [i, start] of starts.entries()) {
      if (start.status === "rejected") {
        assert.match(start.reason.message, /Too many open files/);
        refused++;
        continue;
      }
      let bytes = 0;
      for (;;) {
        const { method, params } = await wire.next(({ params }) => params?.processId === `${i}`);
        if (method === "process/closed") break;
        if (method === "process/output") bytes += Uint8Array.fromBase64(params.chunk).length;
      }
      if (i % 10 !== 9) assert.equal(bytes, 3_000_000);
    }
    assert.ok(refused > 0 && refused < 60, `${refused} refused`);
    await wire.request("process/start", startParams("later", ["true"], { tty: true }));
    await wire.next(({ method, params }) => method === "process/closed" && params.processId === "later");
  }
});
