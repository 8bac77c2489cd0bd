/** Processes that may use only so much: what ends them, what is told of it, and what cannot be kept. */
import assert from "node:assert/strict";
import type { ExecServerClient } from "../../src/client/client.ts";
import type { ExitedEvent } from "../../src/log/process_event.ts";
import type { ParamsSent } from "../../src/protocol/methods.ts";
import { bytesOf, collect, openClient, type Outcome, startParams, textOf } from "../support/client.ts";
import { groupsFor, groupsOf, hasGroups } from "../support/control_groups.ts";
import { pidsWith, until } from "../support/proc.ts";
import { canConfine, restricted, rootRead } from "../support/sandbox.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { hasUsers, startUsersServer } from "../support/users_server.ts";

type Limits = NonNullable<ParamsSent<"process/start">["limits"]>;
type Rest = Partial<ParamsSent<"process/start">>;

const isLinux = Deno.build.os === "linux";
const MiB = 2 ** 20;
const ordinary = 71_000 + Deno.pid % 10_000;
let count = 0;

interface Ended extends Outcome {
  readonly exited: ExitedEvent;
}

/** Runs a script of bash to its end. What the server pushed and what it answers a read must say the same. */
async function run(
  client: ExecServerClient,
  limits: Limits,
  script: string,
  rest: Rest = {},
): Promise<Ended> {
  const id = `p${++count}`;
  const process = await client.start(startParams(id, ["bash", "-c", script], { limits, ...rest }));
  const outcome = await collect(process.events());
  const exited = outcome.events.find((event) => event.kind === "exited")!;
  const read = await client.call("process/read", { processId: id });
  assert.equal(read.limit, exited.limit);
  return { ...outcome, exited };
}

const endless = "while :; do :; done";
/** Holds more than 100 MiB. */
const memoryHog = "head -c 200000000 /dev/zero | tail -c 200000000 | wc -c";

/** What each limit does to who meets it, and what is told. */
const cases: Record<string, { limits: Limits; script: string; expect: (ended: Ended) => void }> = {
  "descriptors run out": {
    limits: { openFiles: 16 },
    script: 'for i in {3..30}; do eval "exec $i</dev/null" || exit 3; done',
    expect({ exited }) {
      assert.equal(exited.exitCode, 3);
    },
  },
  "a file grows no further": {
    limits: { fileBytes: 4096 },
    script:
      "cd $(mktemp -d); trap 'rm -r $PWD' EXIT; (exec head -c 5000 /dev/zero >big); s=$?; stat -c %s big; exit $s",
    expect({ exited, stdout }) {
      assert.equal(textOf(stdout), "4096\n");
      assert.deepEqual([exited.exitCode, exited.limit], [153, "fileBytes"]);
    },
  },
  "processor time is used up": {
    limits: { cpuSeconds: 1 },
    script: endless,
    expect({ exited }) {
      // Where all of its processes are counted, that may come first.
      assert.ok([152, 137].includes(exited.exitCode));
      assert.equal(exited.limit, "cpuSeconds");
    },
  },
  "processor time is used up by who ignores to be told": {
    limits: { cpuSeconds: 1 },
    script: `trap '' XCPU; ${endless}`,
    expect({ exited }) {
      assert.deepEqual([exited.exitCode, exited.limit], [137, "cpuSeconds"]);
    },
  },
  "time is up": {
    limits: { wallMs: 300 },
    script: "trap '' TERM; sleep 1000 & setsid sleep 20; sleep 1000",
    expect({ exited }) {
      assert.deepEqual([exited.exitCode, exited.limit], [137, "wallMs"]);
    },
  },
  "nothing is met": {
    limits: { openFiles: 100, fileBytes: MiB, cpuSeconds: 100, wallMs: 100_000 },
    script: "ulimit -n; ulimit -f; ulimit -t",
    expect({ exited, events }) {
      const said = [...textOf(bytesOf(events, "stdout")), ...textOf(bytesOf(events, "pty"))].join("");
      assert.equal(said.replaceAll("\r", ""), "100\n1024\n100\n");
      assert.deepEqual([exited.exitCode, exited.limit], [0, undefined]);
    },
  },
};

const groupCases: typeof cases = {
  "memory runs out": {
    limits: { memoryBytes: 60 * MiB },
    script: memoryHog,
    expect({ exited }) {
      assert.equal(exited.limit, "memoryBytes");
    },
  },
  "a fork bomb is held, and ends with the time": {
    limits: { processes: 40, wallMs: 1500 },
    script: "echo began; b() { b | b & }; b; wait; sleep 1000",
    expect({ exited, events }) {
      assert.match(textOf(bytesOf(events, "stdout")) + textOf(bytesOf(events, "pty")), /began/);
      assert.ok(["processes", "wallMs"].includes(exited.limit!));
    },
  },
  "one process is enough for one that starts none": {
    limits: { processes: 1, memoryBytes: 100 * MiB },
    script: "exec true",
    expect({ exited }) {
      assert.deepEqual([exited.exitCode, exited.limit], [0, undefined]);
    },
  },
  "processor time is used up by many": {
    limits: { cpuSeconds: 1, processes: 20 },
    script: "while :; do (for ((i = 0; i < 20000; i++)); do :; done); done",
    expect({ exited }) {
      assert.deepEqual([exited.exitCode, exited.limit], [137, "cpuSeconds"]);
    },
  },
};

/** Tries cases in every surroundings that a process may have. */
async function tryAll(server: ServerProcess, all: typeof cases, sandboxed = canConfine): Promise<void> {
  const client = await openClient(server.url);
  const surroundings: Record<string, Rest> = {
    "behind pipes": {},
    "on a terminal": { tty: true },
    ...sandboxed && { "in a sandbox": { sandbox: restricted([rootRead]) } },
  };
  for (const [where, rest] of Object.entries(surroundings)) {
    // What writes nowhere makes no file; what sees no machine is counted by who does.
    const possible = Object.entries(all).filter(([name]) =>
      where === "behind pipes" || !/file grows|used up/.test(name)
    );
    await Promise.all(possible.map(async ([name, { limits, script, expect }]) => {
      const ended = await run(client, limits, script, rest);
      try {
        expect(ended);
      } catch (error) {
        const said = textOf(ended.stderr);
        throw new Error(`${name}, ${where}: ${(error as Error).message}\n${said}`, { cause: error });
      }
    }));
  }
  client.close();
}

Deno.test({
  name: "limits of the process itself hold for every user, behind pipes, on a terminal and in a sandbox",
  ignore: !isLinux,
  async fn() {
    await using server = await startServer();
    await tryAll(server, cases);
    if (!hasUsers) return;
    await using users = await startUsersServer({ user: ordinary });
    await tryAll(users, cases, false);
  },
});

Deno.test({
  name: "limits of groups hold for root, and their groups go with the process",
  ignore: !hasGroups,
  async fn() {
    await using server = await startServer();
    await tryAll(server, groupCases);
    // One directory for each hierarchy, and the server's own.
    await until("only the server is in a group", () => groupsOf(server.pid).every(isEmptyButForServer));
  },
});

function isEmptyButForServer(group: string): boolean {
  return [...Deno.readDirSync(group)].every(({ isDirectory, name }) => !isDirectory || name === "main");
}

Deno.test({
  name: "limits of groups hold for a user who may make groups",
  ignore: !hasGroups || !hasUsers,
  async fn() {
    using groups = groupsFor(ordinary);
    {
      await using server = await startUsersServer({ user: ordinary, before: groups.enter });
      await tryAll(server, groupCases, false);
      await server.stop();
      await until("no group of the server is there", () => groupsOf(server.pid).length === 0);
    }
  },
});

Deno.test({
  name: "what cannot be kept is refused by its name, with what helps",
  ignore: !hasUsers,
  async fn() {
    await using server = await startUsersServer({ user: ordinary });
    const client = await openClient(server.url);
    for (const limits of [{ memoryBytes: 100 * MiB }, { processes: 10, openFiles: 100 }]) {
      const [name] = Object.keys(limits);
      await assert.rejects(run(client, limits, "true"), {
        code: -32603,
        message: new RegExp(`cannot enforce the limit ${name}: .*; start the server as root, or`),
      });
    }
    client.close();
  },
});

Deno.test({
  name: "limits that mean nothing are refused, and a missing program is said as without them",
  ignore: !isLinux,
  async fn() {
    await using server = await startServer();
    const client = await openClient(server.url);
    assert.ok(client.can("processLimits"));
    const refused = async (limits: unknown, message: RegExp) =>
      await assert.rejects(run(client, limits as Limits, "true"), { code: -32602, message });
    await refused({ memory: 1 }, /field "limits.memory" means nothing/);
    await refused({ memoryBytes: 1000 }, /"limits.memoryBytes" must be at least 1048576/);
    await refused({ cpuSeconds: 0 }, /"limits.cpuSeconds" must be at least 1/);
    await refused({ openFiles: -1 }, /"limits.openFiles"/);
    await assert.rejects(
      client.start(startParams("gone", ["/nonexistent"], { limits: { openFiles: 100 } })),
      { code: -32603, message: /No such file or directory .*cannot run program/ },
    );
    assert.equal((await run(client, {}, "exit 3")).exited.exitCode, 3);
    client.close();
  },
});

Deno.test({
  name: "a terminate ends what has left the session of a limited process",
  ignore: !hasGroups,
  async fn() {
    await using server = await startServer();
    const client = await openClient(server.url);
    const mark = `LIMITS_TEST=${crypto.randomUUID()}`;
    const [name, value] = mark.split("=");
    const script = "(setsid sh -c 'sleep 1000 & sleep 1000' >/dev/null 2>&1 &); echo ready; sleep 1000";
    const process = await client.start(startParams("daemons", ["sh", "-c", script], {
      limits: { processes: 50 },
      env: { PATH: "/usr/bin:/bin", [name!]: value! },
    }));
    await until("the daemon is there", () => pidsWith(mark).length >= 4);
    await client.call("process/terminate", { processId: process.id });
    await until("nothing of it is left", () => pidsWith(mark).length === 0);
    client.close();
  },
});

Deno.test({
  name: "a server's ceilings hold for whoever asks for more, or for nothing",
  ignore: !isLinux,
  async fn() {
    await using server = await startServer({ args: ["--max-open-files", "64", "--max-time", "1h"] });
    const client = await openClient(server.url);
    const files = async (rest: Rest) => {
      const process = await client.start(startParams(`p${++count}`, ["sh", "-c", "ulimit -n"], rest));
      return textOf((await collect(process.events())).stdout);
    };
    assert.equal(await files({}), "64\n");
    assert.equal(await files({ limits: { openFiles: 1000 } }), "64\n");
    assert.equal(await files({ limits: { openFiles: 32 } }), "32\n");
    const sandbox = { permissions: { type: "disabled" }, windowsSandboxLevel: "disabled" } as const;
    assert.equal(
      await files({ sandbox }),
      "64\n",
      "a policy that takes nothing away does not take the ceiling",
    );
    assert.equal(await files({ sandbox, limits: { openFiles: 32 } }), "32\n");
    client.close();
  },
});

Deno.test({
  name: "a server does not begin with a ceiling that it cannot keep",
  ignore: !hasUsers,
  async fn() {
    await assert.rejects(
      startUsersServer({ user: ordinary, args: ["--max-memory", "1g"] }),
      /cannot enforce the limit memoryBytes: .*; start the server as root, or/,
    );
  },
});
