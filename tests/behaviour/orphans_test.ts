/** What a server leaves when it is killed: nothing that it started. */
import assert from "node:assert/strict";
import type { ParamsSent } from "../../src/protocol/methods.ts";
import { openClient, startParams } from "../support/client.ts";
import { groupsFor, groupsOf, hasGroups } from "../support/control_groups.ts";
import { pidsWith, residentMiB, until } from "../support/proc.ts";
import { canConfine, restricted, rootRead } from "../support/sandbox.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { hasUsers, startUsersServer } from "../support/users_server.ts";

const ordinary = 72_000 + Deno.pid % 10_000;

/** A child and a grandchild. */
const family = `
sleep 1000 &
(sleep 1000 & exec sleep 1000) &
`;
const familySize = 4;
/** One in a session of its own, whose parent lives. */
const own = "setsid sh -c 'sleep 1000; :' &\n";
const ownSize = 2;
/** One that was forked twice and has lost its parent. */
const daemon = "(setsid sh -c 'sleep 1000 & exec sleep 1000' >/dev/null 2>&1 </dev/null &)\n";
const daemonSize = 2;

/** Starts several such, as different as processes may be; resolves when all of them are there. */
async function startFamilies(server: ServerProcess, mark: string, withDaemons = true): Promise<void> {
  const client = await openClient(server.url);
  const [name, value] = mark.split("=");
  const kinds: Partial<ParamsSent<"process/start">>[] = [
    {},
    { tty: true },
    { lifetime: "server" },
    { limits: { openFiles: 200 } },
    ...canConfine ? [{ sandbox: restricted([rootRead]) }] : [],
  ];
  let size = 0;
  await Promise.all(kinds.map((kind, index) => {
    // When its terminal hangs up, a shell ends before anybody can look for its children.
    const hasOwn = withDaemons || !kind.tty;
    size += familySize + (hasOwn ? ownSize : 0) + (withDaemons ? daemonSize : 0);
    const script = `${family}${hasOwn ? own : ""}${withDaemons ? daemon : ""}wait; sleep 1000`;
    const env = { PATH: "/usr/bin:/bin", [name!]: value! };
    return client.start(startParams(`p${index}`, ["sh", "-c", script], { env, ...kind }));
  }));
  await until("all of them are there", () => pidsWith(mark).length >= size);
}

/** Kills the server, and waits until nothing of it is left. */
async function killed(server: ServerProcess, mark: string): Promise<void> {
  await server.stop("SIGKILL");
  await until("no process is left", () => pidsWith(mark).length === 0);
  await until("no group is left", () => groupsOf(server.pid).length === 0);
  await until("nobody watches any more", () => watchdogOf(server.pid) === undefined);
}

/** Who waits for the end of a server, which need not be its child any more. */
const watchdogs = new Map<number, number>();

function watchdogOf(server: number): number | undefined {
  const known = watchdogs.get(server);
  const pids = known === undefined ? [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)) : [known];
  const found = pids.find((pid) => isWatchdog(pid, server, known !== undefined));
  if (found !== undefined) watchdogs.set(server, found);
  return found;
}

function isWatchdog(pid: number, server: number, isKnown: boolean): boolean {
  if (!(pid > 0)) return false;
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z") return false;
    return isKnown || (stat.includes("(exec-server-end)") && Number(parent) === server);
  } catch {
    return false;
  }
}

const newMark = () => `ORPHANS_TEST=${crypto.randomUUID()}`;

Deno.test({
  name: "of servers that are killed nothing is left, daemons included, where there are control groups",
  ignore: !hasGroups,
  async fn() {
    for (let round = 0; round < 10; round++) {
      await using server = await startServer();
      const mark = newMark();
      await startFamilies(server, mark);
      await killed(server, mark);
    }
  },
});

Deno.test({
  name: "of a user's server that is killed nothing is left, daemons included, where the user may make groups",
  ignore: !hasGroups || !hasUsers,
  async fn() {
    using groups = groupsFor(ordinary);
    {
      await using server = await startUsersServer({ user: ordinary, before: groups.enter });
      const mark = newMark();
      await startFamilies(server, mark);
      await killed(server, mark);
    }
  },
});

Deno.test({
  name: "of a server that is killed nothing is left but daemons where there are no groups",
  ignore: Deno.build.os !== "linux" || !hasUsers,
  async fn() {
    await using server = await startUsersServer({ user: ordinary + 1 });
    const mark = newMark();
    await startFamilies(server, mark, false);
    await killed(server, mark);
  },
});

Deno.test({
  name: "a server that ends in order leaves no group and nobody who watches",
  ignore: !hasGroups,
  async fn() {
    await using server = await startServer();
    const mark = newMark();
    await startFamilies(server, mark);
    await server.stop("SIGTERM");
    await until("no process is left", () => pidsWith(mark).length === 0);
    await until("no group is left", () => groupsOf(server.pid).length === 0);
  },
});

Deno.test({
  name: "nobody watches a server that has started nothing, and who does takes little",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = await startServer();
    const client = await openClient(server.url);
    assert.equal(watchdogOf(server.pid), undefined);
    await client.start(startParams("p", ["sleep", "1000"]));
    await until("somebody watches", () => watchdogOf(server.pid) !== undefined);
    assert.ok(residentMiB(watchdogOf(server.pid)!) < 1);
    client.close();
  },
});
