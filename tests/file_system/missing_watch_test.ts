import assert from "node:assert/strict";
import { MissingWatch } from "../../src/file_system/missing_watch.ts";
import { MISSING_PATHS } from "../../src/limits.ts";
import { disk, type Folder, makeFolder, zoo } from "./fixture.ts";

/** A watch that remembers when it fired. */
class Watched implements Disposable {
  readonly fired: (number | bigint)[] = [];
  readonly #folder: Folder;
  readonly #watch: MissingWatch;
  #wake = () => {};

  constructor(folder: Folder) {
    this.#folder = folder;
    this.#watch = new MissingWatch(disk, (watchId) => {
      this.fired.push(watchId);
      this.#wake();
    });
  }

  /** @param missing names in the folder, or absolute paths; null for one that cannot be */
  async start(watchId: number, missing: (string | null)[], present?: string | null): Promise<boolean> {
    const path = (name: string | null) => name?.startsWith("/") ? name : name && this.#folder.at(name);
    const request = { watchId, missing: missing.map(path) };
    return await this.#watch.watch(present === undefined ? request : { ...request, present: path(present) });
  }

  /** Waits until it has fired so many times in all. */
  async until(times: number): Promise<void> {
    while (this.fired.length < times) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}

const fires: Record<string, { script?: string; missing: string[]; present?: string; change: string }> = {
  "a missing file is made": { missing: ["x", "y"], change: "touch y" },
  "it is gone again at once": { missing: ["x"], change: "touch x; rm x" },
  "a missing directory above it is made": { missing: ["d/m/n/o"], change: "mkdir d/m" },
  "a link is put there, though it dangles": { missing: ["x"], change: "ln -s nowhere x" },
  "a file is moved there": { missing: ["d/x"], change: "mv a d/x" },
  "a hard link is made there": { missing: ["d/x"], change: "ln a d/x" },
  "its directory is moved away": { missing: ["d/x"], change: "mv d d2" },
  "a directory above it is moved away": { script: "mkdir -p o/i", missing: ["o/i/x"], change: "mv o o2" },
  "its directory is replaced by another": { script: "mkdir o", missing: ["d/x"], change: "mv d d2; mv o d" },
  "its directory is removed": { script: "mkdir o", missing: ["o/x"], change: "rmdir o" },
  "a name that is not UTF-8 is made": { missing: ["d/n\udcff"], change: "touch $'d/n\\xff'" },
  "a path listed twice is made": { missing: ["x", "x"], change: "touch x" },
  "the present file is written to": { missing: ["x"], present: "a", change: "echo more >> a" },
  "the present file gets another mode": { missing: ["x"], present: "a", change: "chmod 600 a" },
  "the present file is replaced": { script: "echo n > n", missing: ["x"], present: "a", change: "mv n a" },
  "the present file is removed": { missing: ["x"], present: "a", change: "rm a" },
  "the present directory is moved": { missing: ["x"], present: "d/sub", change: "mv d/sub d/sub2" },
};

for (const [event, { script = "", missing, present, change }] of Object.entries(fires)) {
  Deno.test(`MissingWatch fires, once, when ${event}`, async () => {
    using folder = makeFolder(`${zoo}\n${script}`);
    using watched = new Watched(folder);
    assert.equal(await watched.start(7, missing, present), true);
    folder.sh(change);
    await watched.until(1);
    folder.sh("touch x y; rm -rf d");
    assert.equal(await watched.start(8, ["z"]), true);
    folder.sh("touch z");
    await watched.until(2);
    assert.deepEqual(watched.fired, [7, 8]);
  });
}

Deno.test("MissingWatch does not fire for what happens beside it", async () => {
  using folder = makeFolder(zoo);
  using watched = new Watched(folder);
  using beside = new Watched(folder);
  assert.ok(await watched.start(1, ["x", "d/m/n"], "a"));
  assert.ok(await beside.start(1, ["last"]));
  folder.sh("touch other; mkdir d/other; echo more >> d/f; cat a; touch last");
  await beside.until(1);
  assert.deepEqual(watched.fired, []);
  folder.sh("touch x");
  await watched.until(1);
});

Deno.test("MissingWatch does not watch what exists, what is not there, and what cannot be watched", async () => {
  using folder = makeFolder(zoo);
  using watched = new Watched(folder);
  const refused: [missing: (string | null)[], present?: string | null][] = [
    [[]],
    [["a"]],
    [["x", "d"]],
    [["broken"]],
    [["loop/x"]],
    [["dl/x"]],
    [["broken/x"]],
    [["a/x"]],
    [["n".repeat(256)]],
    [["x"], "none"],
    [["x"], "ln"],
    [["/proc/none"]],
    [["/sys/none"]],
    [[null]],
    [["x", null]],
    [["x"], null],
    [["x"], "/proc/version"],
    [Array.from({ length: MISSING_PATHS + 1 }, (_, index) => `m${index}`)],
  ];
  let watchId = 0;
  for (const [missing, present] of refused) {
    assert.equal(
      await watched.start(++watchId, missing, present),
      false,
      `${missing.slice(0, 3)} ${present}`,
    );
  }
  const most = Array.from({ length: MISSING_PATHS }, (_, index) => `m${index}`);
  assert.equal(await watched.start(++watchId, most), true);
});

Deno.test("MissingWatch takes growing ids only, and each replaces the one before", async () => {
  using folder = makeFolder();
  using watched = new Watched(folder);
  assert.equal(await watched.start(5, ["x"]), true);
  assert.equal(await watched.start(5, ["y"]), false);
  assert.equal(await watched.start(4, ["y"]), false);
  assert.equal(await watched.start(6, ["z"]), true);
  folder.sh("touch x; touch z");
  await watched.until(1);
  assert.deepEqual(watched.fired, [6]);
});

Deno.test("MissingWatch is ended by one that has nothing to watch, and by the end of the connection", async () => {
  using folder = makeFolder();
  using beside = new Watched(folder);
  using watched = new Watched(folder);
  using disposed = new Watched(folder);
  assert.equal(await watched.start(1, ["x"]), true);
  assert.equal(await watched.start(2, []), false);
  assert.equal(await disposed.start(1, ["x"]), true);
  disposed[Symbol.dispose]();
  assert.equal(await disposed.start(2, ["x"]), false);
  assert.equal(await beside.start(1, ["x"]), true);
  folder.sh("touch x");
  await beside.until(1);
  assert.deepEqual([watched.fired, disposed.fired], [[], []]);
});

Deno.test("MissingWatch watches a directory again that was removed and made anew", async () => {
  using folder = makeFolder("mkdir d");
  using watched = new Watched(folder);
  for (let watchId = 1; watchId <= 5; watchId++) {
    assert.equal(await watched.start(watchId, ["d/x"]), true);
    folder.sh("rm -r d; mkdir d");
    await watched.until(watchId);
  }
});
