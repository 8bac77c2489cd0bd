import assert from "node:assert/strict";
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import type { DirectoryNotifier, Heard } from "../../src/host/directory_notifier.ts";
import { openNotifier, watchDirectory } from "../../src/file_system/directory_watch.ts";
import { MachineDisk } from "../../src/file_system/disk.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, disk, makeFolder } from "./fixture.ts";

/** A watch and the names that it told. */
class Listening implements Disposable {
  readonly names: (string | undefined)[] = [];
  #watch: Disposable | undefined;
  #wake = () => {};

  static async on(path: string, heard: Heard = "contents"): Promise<Listening> {
    const listening = new Listening();
    listening.#watch = await watchDirectory(disk, openNotifier(disk)!, path, heard, (name) => {
      listening.names.push(name);
      listening.#wake();
    });
    return listening;
  }

  /** Waits until the name was told. */
  async until(expected: string | undefined): Promise<void> {
    while (!this.names.includes(expected)) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
  }
}

Deno.test("a directory's watch tells names from the moment it is opened", async () => {
  using folder = makeFolder("mkdir d; touch d/f");
  for (let round = 0; round < 20; round++) {
    using listening = await Listening.on(folder.at("d"));
    writeFileSync(folder.at(`d/${round}`), "");
    await listening.until(`${round}`);
  }
  using listening = await Listening.on(folder.at("d"));
  folder.sh("echo x >> d/f");
  await listening.until("f");
  folder.sh("mv d/f d/g");
  await listening.until("g");
  folder.sh("rm d/0");
  await listening.until("0");
});

Deno.test("a directory's watch that waits for names hears nothing of contents, also beside one that does", async () => {
  using folder = makeFolder("mkdir d; touch d/f");
  using names = await Listening.on(folder.at("d"), "names");
  using contents = await Listening.on(folder.at("d"), "contents");
  folder.sh("echo x >> d/f; chmod 600 d/f; touch d/last");
  await Promise.all([names.until("last"), contents.until("last")]);
  assert.deepEqual([...new Set(names.names)], ["last"]);
  assert.deepEqual([...new Set(contents.names)], ["f", "last"]);
});

Deno.test("a directory's watch says when the directory itself goes", async () => {
  using folder = makeFolder("mkdir d e");
  using removed = await Listening.on(folder.at("d"));
  using moved = await Listening.on(folder.at("e"));
  folder.sh("rmdir d; mv e e2");
  await removed.until("");
  await moved.until("");
});

Deno.test("a directory's watch tells names that are not UTF-8 by their bytes", async () => {
  using folder = makeFolder("mkdir d");
  using listening = await Listening.on(folder.at("d"));
  folder.sh("touch $'d/n\\xff'; touch d/plain");
  await listening.until("plain");
  assert.deepEqual([...new Set(listening.names)], ["n\udcff", "plain"]);
});

Deno.test("a directory's watch hears of a directory that was made anew right after a watch on the old one ended", async () => {
  using folder = makeFolder();
  const path = folder.at("d");
  mkdirSync(path);
  for (let round = 0; round < 10; round++) {
    using listening = await Listening.on(path);
    writeFileSync(`${path}/x`, "");
    await listening.until("x");
    listening[Symbol.dispose]();
    rmSync(`${path}/x`);
    rmdirSync(path);
    mkdirSync(path);
  }
});

Deno.test("a directory's watch stays when another one on the same directory ends", async () => {
  using folder = makeFolder("mkdir d");
  using one = await Listening.on(folder.at("d"));
  using other = await Listening.on(folder.at("d"));
  other[Symbol.dispose]();
  writeFileSync(folder.at("d/x"), "");
  await one.until("x");
  assert.deepEqual(other.names, []);
});

Deno.test("a directory's watch refuses what is not there", async () => {
  using folder = makeFolder();
  await assert.rejects(Listening.on(folder.at("none")), { code: "ENOENT" });
});

Deno.test("the limits of inotify are named when they are reached", async () => {
  using folder = makeFolder();
  const refusing = (code: string) => () => {
    throw Object.assign(new Error(), { code });
  };
  const noWatches: DirectoryNotifier = { watch: refusing("ENOSPC") };
  await assertFails(
    watchDirectory(disk, noWatches, folder.path, "names", () => {}),
    errorCodes.internal,
    /fs\.inotify\.max_user_watches/,
  );
  await assertFails(
    Promise.resolve().then(() => openNotifier(new MachineDisk({ openNotifier: refusing("EMFILE") }))),
    errorCodes.internal,
    /fs\.inotify\.max_user_instances/,
  );
});
