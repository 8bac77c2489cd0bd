/** What each way to look at the machine's processes says, on this runtime; Deno has the same done on Bun. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { ProcessListing } from "../../src/host/child_process.ts";
import { procFiles } from "../../src/process/proc_files.ts";
import { killSessions } from "../../src/process/termination.ts";
import { openLibc } from "../../src/runtime/posix/libc.ts";
import { processListing } from "../../src/runtime/posix/process_listing.ts";
import { startFamily } from "../support/session_family.ts";

const onBun = "Bun" in globalThis;

const { c } = openLibc(
  (onBun ? await import("../../src/runtime/bun/libc.ts") : await import("../../src/runtime/deno/libc.ts"))
    .openLibrary,
);
const listings: Record<string, ProcessListing> = {
  "the files of /proc": procFiles,
  "the C library": processListing(c)!,
  "the C library, a few names at a time": processListing(c, 128)!,
};

for (const [how, listing] of Object.entries(listings)) {
  Deno.test(`${how} lists every process once`, async () => {
    const job = 'sleep 100 & p="$p $!";';
    await using family = await startFamily(`${job.repeat(60)} echo $$ $p; wait`);
    const listed = [...listing.pids()];
    assert.equal(new Set(listed).size, listed.length);
    const expected = [process.pid, family.leader, ...family.pids];
    assert.equal(expected.length, 63);
    assert.deepEqual(expected.filter((pid) => !listed.includes(pid)), []);
    assert.ok(listed.every((pid) => Number.isInteger(pid) && pid > 0));
  });

  Deno.test(`${how} tells of which session a process is, whatever its group and its name`, async () => {
    const named = `exec -a ') Z 1 1 1' sleep 100`;
    await using family = await startFamily(
      `set -m; sleep 100 & a=$!; (${named}) & b=$!; set +m
      coproc setsid sh -c 'echo $$; exec sleep 100'; read -u \${COPROC[0]} c; echo $a $b $c; wait`,
    );
    const [job, odd, escaped] = family.pids as [number, number, number];
    assert.deepEqual([family.leader, job, odd, escaped].map((pid) => listing.sessionOf(pid)), [
      family.leader,
      family.leader,
      family.leader,
      escaped,
    ]);
  });

  Deno.test(`${how} tells the session of one that ended as long as it is not reaped`, async () => {
    // What comes of this shell does not wait for the shell's child, which ends only then: the shell itself would reap it.
    const ends = "echo $$; until read name < /proc/$PPID/comm && [ $name = sleep ]; do :; done";
    await using family = await startFamily(`sh -c '${ends}' & exec sleep 100`);
    const [ended] = family.pids as [number];
    while (!procState(ended).startsWith("Z")) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(listing.sessionOf(ended), family.leader);
    assert.ok([...listing.pids()].includes(ended));
  });

  Deno.test(`${how} tells no session of one that is gone`, async () => {
    await using family = await startFamily("echo");
    await family.ended;
    assert.equal(listing.sessionOf(family.leader), undefined);
    assert.ok(![...listing.pids()].includes(family.leader));
  });

  Deno.test(`with ${how}, a session is killed to the last pid`, async () => {
    await using family = await startFamily(
      "set -m; sleep 100 & a=$!; (sleep 100 & echo $! $a; sleep 100) & wait",
    );
    const pids = [family.leader, ...family.pids];
    assert.equal(pids.length, 3);
    killSessions([family.leader], listing);
    await family.ended;
    while (pids.some((pid) => !["", "Z"].includes(procState(pid)))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
}

/** The state letter of a process; empty where there is none. */
function procState(pid: number): string {
  try {
    return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? "";
  } catch {
    return "";
  }
}

if (!onBun) {
  Deno.test("the listings pass these tests on Bun, too", () => {
    const bun = fileURLToPath(import.meta.resolve("../../node_modules/.bin/bun"));
    const runner = fileURLToPath(import.meta.resolve("../support/run_on_bun.ts"));
    try {
      execFileSync(bun, [runner, fileURLToPath(import.meta.url)], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (error) {
      throw new Error(`On Bun:\n${(error as { stdout?: string }).stdout}`, { cause: error });
    }
  });
}
