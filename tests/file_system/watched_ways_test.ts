import assert from "node:assert/strict";
import { MachineDisk } from "../../src/file_system/disk.ts";
import { FileWatches } from "../../src/file_system/file_watches.ts";
import { MissingWatch } from "../../src/file_system/missing_watch.ts";
import { disk, type Folder, makeFolder } from "./fixture.ts";

/** What a watch told, in short. */
class Told implements Disposable {
  readonly lines: string[] = [];
  readonly watches: FileWatches;
  #wake = () => {};

  constructor(on = disk) {
    this.watches = new FileWatches(on);
  }

  async watch(watchId: string, path: string, recursive: boolean): Promise<void> {
    await this.watches.watch(watchId, path, { recursive }, ({ changes, ended }) => {
      for (const { kind, path } of changes) {
        this.lines.push(`${watchId}: ${kind} ${path.slice(path.lastIndexOf("/") + 1)}`);
      }
      if (ended) this.lines.push(`${watchId}: ended`);
      this.#wake();
    });
  }

  async until(line: string): Promise<void> {
    while (!this.lines.includes(line)) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  [Symbol.dispose](): void {
    this.watches[Symbol.dispose]();
  }
}

async function told(folder: Folder, path: string, recursive: boolean): Promise<Told> {
  const told = new Told();
  await told.watch("w", folder.at(path), recursive);
  return told;
}

for (const recursive of [true, false]) {
  Deno.test(`a watch, recursive: ${recursive}, ends when its directory is removed and made again at once`, async () => {
    for (let round = 0; round < 3; round++) {
      using folder = makeFolder("mkdir d; touch d/x");
      using watch = await told(folder, "d", recursive);
      folder.sh("rm -rf d; mkdir d");
      await watch.until("w: ended");
      assert.equal(watch.lines.at(-2), "w: remove d");
    }
  });
}

Deno.test("a watch ends when a directory above what it watches is replaced", async () => {
  using folder = makeFolder("mkdir -p p/q/c; touch p/q/c/x");
  using directory = await told(folder, "p/q/c", true);
  using file = await told(folder, "p/q/c/x", false);
  folder.sh("mv p p.old; mkdir -p p/q/c; touch p/q/c/x");
  await Promise.all([directory.until("w: ended"), file.until("w: ended")]);
});

Deno.test("a watch of a file ends when its directory is made anew", async () => {
  using folder = makeFolder("mkdir d; touch d/f");
  using watch = await told(folder, "d/f", false);
  folder.sh("rm -r d; mkdir d; echo 2 > d/f");
  await watch.until("w: ended");
});

Deno.test("a watch through a link that is swapped tells what differs, and goes on", async () => {
  using folder = makeFolder(`
    mkdir -p releases/1/sub releases/2/sub
    touch releases/1/a releases/1/sub/b releases/2/a releases/2/c releases/2/sub/b
    ln -s releases/1 current
  `);
  using watch = await told(folder, "current", true);
  folder.sh("ln -s releases/2 next; mv -T next current");
  await watch.until("w: create c");
  folder.sh("touch releases/2/sub/late releases/1/unseen");
  await watch.until("w: create late");
  assert.ok(!watch.lines.some((line) => line.includes("unseen")));
});

Deno.test("a watch of a file through links that are swapped, as Kubernetes does, tells it as modified", async () => {
  using folder = makeFolder(`
    mkdir ..1 ..2; echo 1 > ..1/conf; echo 2 > ..2/conf
    ln -s ..1 ..data; ln -s ..data/conf conf
  `);
  using watch = await told(folder, "conf", false);
  folder.sh("ln -s ..2 ..tmp; mv -T ..tmp ..data; rm -r ..1");
  await watch.until("w: modify conf");
  watch.lines.length = 0;
  folder.sh("echo 3 > ..2/conf");
  await watch.until("w: modify conf");
});

Deno.test("a FIFO in a watched directory holds nobody up", async () => {
  using folder = makeFolder("mkdir d; touch d/f");
  using directory = await told(folder, "d", true);
  using file = await told(folder, "d/f", false);
  using missing = new MissingWatch(disk, () => {});
  assert.ok(await missing.watch({ watchId: 1, missing: [folder.at("d/sub/x")] }));
  folder.sh("mkfifo d/pipe; mv d/pipe d/other");
  await directory.until("w: create other");
  assert.equal(await missing.watch({ watchId: 2, missing: [] }), false);
  directory.watches.unwatch("w");
  folder.sh("rm d/f; mkfifo d/f");
  await file.until("w: modify f");
});

Deno.test("a recursive watch goes into no link, nor into what is mounted by one", async () => {
  using folder = makeFolder("mkdir d out; ln -s /proc d/proc; ln -s ../out d/link");
  using watch = await told(folder, "d", true);
  folder.sh("touch out/unseen d/seen");
  await watch.until("w: create seen");
  assert.deepEqual(watch.lines, ["w: create seen"]);
});

Deno.test("where the machine tells of no changes, they are found by looking", async () => {
  using folder = makeFolder("mkdir d; touch d/f");
  const silent = new MachineDisk({ openNotifier: () => undefined });
  using watch = new Told(silent);
  await watch.watch("w", folder.at("d"), true);
  let fire = () => {};
  const fired = new Promise<void>((resolve) => fire = resolve);
  using missing = new MissingWatch(silent, fire);
  const request = { missing: [folder.at("d/x")], present: folder.at("d/f") };
  assert.ok(await missing.watch({ watchId: 1, ...request }));
  folder.sh("echo 1 > d/f; mkdir d/e; mkfifo d/e/p");
  await fired;
  await watch.until("w: create p");
  folder.sh("rm -r d");
  await watch.until("w: ended");
});
