import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import type { FileChanges } from "../../src/file_system/file_watch.ts";
import { FileWatches } from "../../src/file_system/file_watches.ts";
import type { WatchOptions } from "../../src/file_system/operations.ts";
import { WATCH_CHANGES, WATCHED_ENTRIES, WATCHES } from "../../src/limits.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, disk, type Folder, makeFolder, texts, zoo } from "./fixture.ts";

const { invalidRequest, notFound } = errorCodes;

/** The watches of a client, and what was told of them, in short. */
class Watched implements Disposable {
  readonly told: string[] = [];
  readonly watches = new FileWatches(disk);
  readonly #folder: Folder;
  #wake = () => {};
  /** What the notification's taker waits for. */
  busy: Promise<void> | undefined;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  async watch(name: string, options?: WatchOptions): Promise<void> {
    await this.watchPath(name, name === "." ? this.#folder.path : this.#folder.at(name), options);
  }

  async watchPath(id: string, path: string, options: WatchOptions = {}): Promise<void> {
    await this.watches.watch(id, path, options, async (changes) => {
      this.told.push(...this.#inShort(changes));
      this.#wake();
      await this.busy;
    });
  }

  /** Waits until all of this was told, in whatever order, and forgets it; nothing else may have been. */
  async expect(...changes: string[]): Promise<void> {
    while (!changes.every((change) => this.told.includes(change))) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    assert.deepEqual(this.told.splice(0).toSorted(), changes.toSorted());
  }

  /** Waits for something to be told. */
  async something(): Promise<void> {
    while (this.told.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  [Symbol.dispose](): void {
    this.watches[Symbol.dispose]();
  }

  #inShort({ changes, ended }: FileChanges): string[] {
    const name = (path: string) => path.slice(this.#folder.path.length + 1);
    const lines = changes.map((change) =>
      change.kind === "rename"
        ? `rename ${name(change.from)} ${name(change.path)}`
        : `${change.kind} ${name(change.path)}`
    );
    return ended ? [...lines, "ended"] : lines;
  }
}

Deno.test("FileWatches tells what happens to the files of a directory", async () => {
  using folder = makeFolder(zoo);
  using watched = new Watched(folder);
  await watched.watch(".");
  folder.sh("touch n");
  await watched.expect("create n");
  folder.sh("echo more >> a; chmod 600 n");
  await watched.expect("modify a", "modify n");
  folder.sh("mv n m; rm a; mkdir new; ln -s x link");
  await watched.expect("rename n m", "remove a", "create new", "create link");
  folder.sh("mv m ln");
  await watched.expect("rename m ln");
  folder.sh("echo replaced > r; mv r d/f; chmod 700 d; touch last");
  await watched.expect("modify d", "create last");
});

Deno.test("FileWatches tells what happens below, and what a directory brings with it", async () => {
  using folder = makeFolder("mkdir -p t/a/b out/deep; touch t/a/b/f out/deep/o");
  using watched = new Watched(folder);
  await watched.watch("t", { recursive: true });
  folder.sh("echo x >> t/a/b/f; touch t/a/g");
  await watched.expect("modify t/a/b/f", "create t/a/g");
  folder.sh("mkdir -p t/n/m; touch t/n/m/f");
  await watched.expect("create t/n", "create t/n/m", "create t/n/m/f");
  folder.sh("touch t/n/m/g");
  await watched.expect("create t/n/m/g");
  folder.sh("mv t/a t/z; echo y >> t/z/b/f; rm t/z/g");
  await watched.expect("rename t/a t/z", "modify t/z/b/f", "remove t/z/g");
  folder.sh("mv out t/in");
  await watched.expect("create t/in", "create t/in/deep", "create t/in/deep/o");
  folder.sh("rm -r t/z; mv t/in out");
  await watched.expect("remove t/z", "remove t/in");
});

Deno.test("FileWatches gathers what happens within a moment", async () => {
  using folder = makeFolder("touch a; mkdir d");
  using watched = new Watched(folder);
  await watched.watch(".", { recursive: true });
  // One process, so that it is over before the moment is: what is made and removed again is not told.
  folder.sh("for i in 1 2 3 4 5; do echo $i >> a; : > t$i; echo > d/f; done; mv t1 d/u; rm t2 t3 t4 t5");
  await watched.expect("modify a", "create d/u", "create d/f");
});

Deno.test("FileWatches tells a swap and a replacement as modifications, also when a number is used again", async () => {
  using folder = makeFolder("printf 1 > a; printf 22 > b; touch gone");
  using watched = new Watched(folder);
  await watched.watch(".");
  folder.sh("mv a t; mv b a; mv t b; rm gone; echo > new");
  await watched.expect("modify a", "modify b", "remove gone", "create new");
});

Deno.test("FileWatches watches one file, and follows it through removal", async () => {
  using folder = makeFolder("mkdir d; touch d/f d/g; ln -s d/f link");
  using watched = new Watched(folder);
  await watched.watch("d/f");
  await watched.watch("link");
  folder.sh("echo x > d/f; touch d/g d/h");
  await watched.expect("modify d/f", "modify link");
  folder.sh("rm d/f");
  await watched.expect("remove d/f", "remove link");
  folder.sh("touch d/f");
  await watched.expect("create d/f", "create link");
  folder.sh("rm -r d");
  await watched.expect("remove d/f", "ended", "remove link", "ended");
});

Deno.test("FileWatches ends a watch when its directory goes, and its name is free again", async () => {
  using folder = makeFolder("mkdir d e");
  using watched = new Watched(folder);
  for (const script of ["rmdir d", "mv d d2", "mv d d3; mv e d"]) {
    await watched.watch("d", { recursive: true });
    folder.sh(script);
    await watched.expect("remove d", "ended");
    folder.sh("mkdir -p d");
  }
});

Deno.test("FileWatches tells an overflow instead of too many changes, and goes on", async () => {
  using folder = makeFolder("mkdir d");
  using watched = new Watched(folder);
  await watched.watch("d");
  let release = () => {};
  watched.busy = new Promise((resolve) => release = resolve);
  folder.sh("touch d/first");
  await watched.something();
  assert.deepEqual(watched.told.splice(0), ["create d/first"]);
  // The taker is slow, so all of this becomes one look.
  for (let i = 0; i <= WATCH_CHANGES; i++) writeFileSync(folder.at(`d/${i}`), "");
  watched.busy = undefined;
  release();
  await watched.something();
  assert.deepEqual(watched.told.splice(0), ["overflow d"]);
  folder.sh("rm d/7");
  await watched.expect("remove d/7");
});

Deno.test("FileWatches tells names that are not UTF-8 by their bytes", async () => {
  using folder = makeFolder("mkdir d");
  using watched = new Watched(folder);
  await watched.watch("d");
  folder.sh("touch $'d/n\\xff'");
  await watched.expect("create d/n\udcff");
  folder.sh("mv $'d/n\\xff' d/plain");
  await watched.expect("rename d/n\udcff d/plain");
});

Deno.test("FileWatches refuses what it cannot watch", async () => {
  using folder = makeFolder(zoo);
  using watched = new Watched(folder);
  const { watches } = watched;
  const watch = (id: string, path: string) => watched.watchPath(id, path);
  await assertFails(watch("w", folder.at("none")), notFound, texts.missing);
  await assertFails(watch("w", folder.at("broken")), notFound, texts.missing);
  const tooLong = "file watch ID must not exceed 32 bytes";
  await assertFails(watch("é".repeat(17), folder.path), invalidRequest, tooLong);
  await watch("w", folder.path);
  await assertFails(watch("w", folder.path), invalidRequest, "file watch `w` already exists");
  for (let i = 1; i < WATCHES; i++) await watch(`w${i}`, folder.at("d"));
  const tooMany = "at most 64 file watches may be open per connection";
  await assertFails(watch("more", folder.path), invalidRequest, tooMany);
  watches.unwatch("w1");
  watches.unwatch("unknown");
  await watch("more", folder.path);
});

Deno.test("FileWatches refuses a tree of too many files, and forgets it", async () => {
  using folder = makeFolder(`mkdir -p l/s; cd l/s; seq ${WATCHED_ENTRIES} | xargs touch`);
  using watched = new Watched(folder);
  await assertFails(
    watched.watch("l", { recursive: true }),
    invalidRequest,
    /hold 50000 files and directories/,
  );
  await watched.watch("l");
  folder.sh("touch l/x");
  await watched.expect("create l/x");
});

Deno.test("FileWatches tells nothing after unwatch, nor after the end of the connection", async () => {
  using folder = makeFolder("mkdir d");
  using watched = new Watched(folder);
  using beside = new Watched(folder);
  await watched.watch("d");
  watched.watches.unwatch("d");
  await watched.watch("d");
  const starting = watched.watchPath("late", folder.at("d"));
  watched[Symbol.dispose]();
  await starting;
  await beside.watch("d");
  folder.sh("touch d/x");
  await beside.expect("create d/x");
  assert.deepEqual(watched.told, []);
  await assertFails(watched.watch("d"), invalidRequest);
});
