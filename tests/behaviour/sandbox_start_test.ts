/** Confined processes: their start, their terminal, their end. What they may do is in the vectors and the attacks. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ExecServerClient } from "../../src/client/client.ts";
import type { ParamsSent } from "../../src/protocol/methods.ts";
import { bytesOf, collect, openClient, startParams, textOf } from "../support/client.ts";
import { pathToFileUrl } from "../support/file_url.ts";
import { isAlive, pidsWith, until } from "../support/proc.ts";
import { canConfine, entry, mechanisms, restricted, rootRead } from "../support/sandbox.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

interface Fixture extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly client: ExecServerClient;
  readonly folder: TempFolder;
  /** What the server was told of how sandboxes are made. */
  readonly args: readonly string[];
  /** The params of a start whose folder may be written to. */
  start(argv: string[], rest?: Partial<ParamsSent<"process/start">>): ParamsSent<"process/start">;
}

let count = 0;

async function open(args: readonly string[]): Promise<Fixture> {
  const folder = new TempFolder();
  const server = await startServer({ args: [...args] });
  const client = await openClient(server.url);
  return {
    server,
    client,
    folder,
    args,
    start: (argv, rest = {}) =>
      startParams(`p${++count}`, argv, {
        cwd: pathToFileUrl(folder.path),
        sandbox: restricted([rootRead, entry("write", folder.path)]),
        ...rest,
      }),
    async [Symbol.asyncDispose]() {
      client.close();
      await server.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function confined(name: string, fn: (fixture: Fixture) => Promise<void>): void {
  for (const mechanism of mechanisms) {
    Deno.test({
      name: `${name}, by ${mechanism.name}`,
      ignore: !mechanism.isThere,
      async fn() {
        await using fixture = await open(mechanism.args);
        await fn(fixture);
      },
    });
  }
}

confined(
  "a start that cannot be confined as asked fails, and says what helps",
  async ({ client, folder, start }) => {
    const refused = async (params: ParamsSent<"process/start">, message: RegExp) =>
      await assert.rejects(client.start(params), { code: -32603, message });
    await refused(start(["/nonexistent"]), /No such file or directory .*cannot run program/);
    await refused(start(["/etc/passwd"]), /Permission denied/);
    await refused(start(["true"], { cwd: pathToFileUrl(join(folder.path, "no")) }), /cannot start in cwd/);
    await refused(
      start(["true"], { sandbox: restricted([entry("read", "/usr")]) }),
      /the policy hides the directory to start in/,
    );
    await refused(
      start(["true"], {
        cwd: "file:///usr",
        sandbox: restricted([entry("read", "/usr"), entry("none", "/usr/bin")]),
      }),
      /cannot run program/,
    );
    const pattern = { path: { type: "glob_pattern", pattern: "*" }, access: "write" } as const;
    await refused(
      start(["true"], { sandbox: restricted([rootRead, pattern]) }),
      /cannot give access: name paths/,
    );
    await refused(start(["true"], { enforceManagedNetwork: true }), /ask for a networkProxy/);
  },
);

confined("without the root, there is what a policy lists, below /dev too", async ({
  client,
  folder,
  start,
}) => {
  const real = Deno.realPathSync(folder.path);
  const at = (name: string) => join(real, name);
  for (const name of ["work", "secret/open", "bare"]) Deno.mkdirSync(at(name), { recursive: true });
  for (const name of ["file", "secret/no", "bare/no"]) Deno.writeTextFileSync(at(name), "old");
  const shared = Deno.makeTempDirSync({ dir: "/dev/shm" });
  const minimal = { path: { type: "special", value: { kind: "minimal" } }, access: "read" } as const;
  const sandbox = restricted([
    minimal,
    entry("write", at("work")),
    entry("write", at("file")),
    entry("none", at("secret")),
    entry("write", at("secret/open")),
    entry("write", shared),
  ]);
  const script = `echo new >${at("file")}; echo x >${at("secret/open/x")}; echo x >${shared}/x; ` +
    `cat ${at("secret/no")} ${at("bare/no")}; ls ${at("secret")}; echo x >${at("y")}; ls -A ${real}`;
  try {
    const { stdout, stderr } = await collect(
      await client.start(start(["/bin/sh", "-c", script], { sandbox, cwd: pathToFileUrl(at("work")) })),
    );
    assert.equal(textOf(stdout), "open\nfile\nsecret\nwork\n");
    assert.deepEqual(textOf(stderr).match(/No such file|Permission denied|Read-only/g), [
      "No such file",
      "No such file",
      "Read-only",
    ]);
    assert.equal(Deno.readTextFileSync(at("file")), "new\n");
    assert.ok(existsSync(at("secret/open/x")) && existsSync(join(shared, "x")));
  } finally {
    Deno.removeSync(shared, { recursive: true });
  }
});

confined("a script without a first line for the kernel runs by sh", async ({ client, folder, start }) => {
  const script = await folder.write("script", "echo by $0\n");
  await Deno.chmod(script, 0o755);
  const { stdout } = await collect(await client.start(start([script])));
  assert.equal(textOf(stdout), `by ${script}\n`);
});

confined("a program gets its descriptors alone, and no part of the start", async ({ client, start }) => {
  const { stdout } = await collect(
    await client.start(start(["/bin/sh", "-c", "ls /proc/self/fd; echo $PWD; env"])),
  );
  const lines = textOf(stdout).trim().split("\n");
  // The fourth is the listing's own.
  assert.deepEqual(lines.slice(0, 4), ["0", "1", "2", "3"]);
  assert.match(lines[4]!, /^\//);
  const variables = lines.slice(5).map((line) => line.split("=")[0]).sort();
  assert.deepEqual(variables, ["PATH", "PWD"]);
});

confined("signals reach the program, whose traps run", async ({ client, start }) => {
  const script = "trap 'echo trapped; exit 7' INT; echo ready; while :; do sleep 0.05; done";
  const params = start(["/bin/sh", "-c", script]);
  const channel = await client.start(params);
  const events = [];
  for await (const event of channel) {
    events.push(event);
    if (event.kind === "output" && textOf(event.bytes) === "ready\n") {
      await client.call("process/signal", { processId: params.processId, signal: "interrupt" });
    }
  }
  assert.equal(textOf(bytesOf(events, "stdout")), "ready\ntrapped\n");
  assert.equal(events.find(({ kind }) => kind === "exited")?.kind, "exited");
  assert.deepEqual(events.flatMap((event) => event.kind === "exited" ? [event.exitCode] : []), [7]);
});

confined("a terminal in a sandbox has job control, its keys and its size", async ({ client, start }) => {
  const script = [
    "trap 'echo trapped' INT",
    "set -m; sleep 100 & jobs; kill %1; wait 2>/dev/null",
    "stty size; tty >/dev/tty && echo has-tty",
    "ps -o tpgid= -p $$ | tr -d ' '",
    "echo ready; read line; echo got:$line; stty size; exit 9",
  ].join("\n");
  const params = start(["/bin/bash", "-c", script], { tty: true, size: { rows: 20, cols: 70 } });
  const channel = await client.start(params);
  let text = "";
  let code: number | undefined;
  let step = 0;
  const write = (chunk: string) =>
    client.call("process/write", { processId: params.processId, writeId: `${step}`, chunk: btoa(chunk) });
  for await (const event of channel) {
    if (event.kind === "exited") code = event.exitCode;
    if (event.kind !== "output") continue;
    text += textOf(event.bytes);
    if (step === 0 && text.includes("ready\r\n")) {
      step = 1;
      await client.call("process/resize", { processId: params.processId, size: { rows: 30, cols: 90 } });
      await write("\x03");
    }
    if (step === 1 && text.includes("trapped")) {
      step = 2;
      await write("line\r");
    }
  }
  assert.match(text, /\[1\]\+? +Running +sleep 100 &/);
  assert.match(text, /20 70\r\n.*has-tty/s);
  assert.match(text, /trapped/);
  assert.match(text, /30 90/);
  assert.equal(code, 9);
});

confined("terminate ends everything in a sandbox, on a terminal too", async ({ client, start }) => {
  for (const tty of [false, true]) {
    const mark = `SANDBOX_MARK=${crypto.randomUUID()}`;
    const [name = "", value = ""] = mark.split("=");
    const script = "setsid sh -c 'sleep 100 & sleep 100' & (sleep 100 &); sleep 100 & echo ready; wait";
    const params = start(["/bin/sh", "-c", script], { tty, env: { PATH: "/usr/bin:/bin", [name]: value } });
    const channel = await client.start(params);
    let code: number | undefined;
    for await (const event of channel) {
      if (event.kind === "exited") code = event.exitCode;
      if (event.kind !== "output" || !textOf(event.bytes).includes("ready")) continue;
      await until("all are there", () => pidsWith(mark).length >= 4);
      assert.deepEqual(await client.call("process/terminate", { processId: params.processId }), {
        running: true,
      });
    }
    assert.equal(code, 137);
    await until("all have ended", () => pidsWith(mark).every((pid) => !isAlive(pid)));
  }
});

confined("nothing stays in the folder of processes that ended, were killed, or had a server killed", async ({
  server,
  client,
  folder,
  args,
  start,
}) => {
  const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  const sandbox = restricted([
    rootRead,
    entry("write", folder.path),
    entry("none", join(folder.path, "no/such")),
  ]);
  await collect(await client.start(start(["true"], { sandbox })));
  assert.deepEqual(names(), []);
  const many = await Promise.all(Array.from({ length: 8 }, async () => {
    const params = start(["sleep", "100"], { sandbox });
    return { params, channel: await client.start(params) };
  }));
  assert.deepEqual(names(), [".agents", ".aws", ".codex", ".git", "no"]);
  for (const { params, channel } of many) {
    await client.call("process/terminate", { processId: params.processId });
    await collect(channel);
  }
  assert.deepEqual(names(), []);
  await client.start(start(["sleep", "100"], { sandbox }));
  assert.deepEqual(names(), [".agents", ".aws", ".codex", ".git", "no"]);
  await server.stop("SIGKILL");
  // Another server of this user's clears up behind it.
  await using _next = await startServer({ args: [...args] });
  await until("the placeholders are gone", () => names().length === 0);
});

confined("what somebody puts in the place of a placeholder is theirs", async ({ client, folder, start }) => {
  const params = start(["sleep", "100"]);
  const channel = await client.start(params);
  const git = join(folder.path, ".git");
  await Deno.remove(git);
  await Deno.mkdir(git);
  await client.call("process/terminate", { processId: params.processId });
  await collect(channel);
  assert.ok(existsSync(git));
});

confined("a policy that takes nothing away needs no sandbox", async ({ client, folder, start }) => {
  const { exitCode } = await collect(
    await client.start(start(["/bin/sh", "-c", "echo x > made"], {
      sandbox: { permissions: { type: "disabled" }, windowsSandboxLevel: "disabled" },
    })),
  );
  assert.equal(exitCode, 0);
  assert.ok(existsSync(join(folder.path, "made")));
});

for (const mechanism of mechanisms) {
  Deno.test({
    name:
      `a server whose kernel refuses it namespaces refuses starts that need them, and only those, by ${mechanism.name}`,
    ignore: !mechanism.isThere,
    async fn() {
      // In a namespace of its own the limit is this server's alone.
      const script = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
      const command = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0", ...mechanism.args];
      await using server = await startServer({
        command: ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", ...command],
      });
      const client = await openClient(server.url);
      const sandbox = restricted([rootRead]);
      await assert.rejects(client.start(startParams("a", ["true"], { sandbox })), {
        code: -32603,
        message: /This server cannot confine a process: .*namespace.*; let its user make user namespaces/,
      });
      const network = {
        permissions: { type: "external", network: "restricted" },
        windowsSandboxLevel: "disabled",
      } as const;
      const filtered = "grep -c 'Seccomp:.2' /proc/self/status";
      const { stdout } = await collect(
        await client.start(startParams("b", ["sh", "-c", filtered], { sandbox: network })),
      );
      assert.equal(textOf(stdout), "1\n");
      assert.equal((await collect(await client.start(startParams("c", ["true"])))).exitCode, 0);
      client.close();
    },
  });
}

confined("many sandboxes stand at once", async ({ client, folder, start }) => {
  const many = await Promise.all(Array.from({ length: 100 }, async () => {
    const params = start(["cat"], { pipeStdin: true });
    return { params, channel: await client.start(params) };
  }));
  const outcomes = await Promise.all(many.map(async ({ params: { processId }, channel }) => {
    await client.call("process/write", { processId, writeId: "1", chunk: btoa(processId) });
    await client.call("process/closeStdin", { processId });
    return await collect(channel);
  }));
  assert.deepEqual(outcomes.map(({ stdout }) => textOf(stdout)), many.map(({ params }) => params.processId));
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test({
  name: "a server without a bubblewrap that can be relied on refuses, and sees one that is installed later",
  ignore: !canConfine,
  async fn() {
    await using fixture = await open([]);
    const { folder, start } = fixture;
    const bwrap = join(folder.path, "bwrap");
    await using server = await startServer({ args: ["--bwrap", bwrap] });
    const client = await openClient(server.url);
    await assert.rejects(client.start(start(["true"])), {
      code: -32603,
      message: /there is no bubblewrap at /,
    });
    await Deno.copyFile("/usr/bin/bwrap", bwrap);
    await Deno.chmod(bwrap, 0o777);
    await assert.rejects(client.start(start(["true"])), {
      code: -32603,
      message: /could be changed by others/,
    });
    await Deno.chmod(bwrap, 0o755);
    assert.equal((await collect(await client.start(start(["true"])))).exitCode, 0);
    client.close();
  },
});
