import assert from "node:assert/strict";
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { DirectoryWatch, type DirectoryWatchOptions } from "../../src/file_system/directory_watch.ts";
import { makeFolder } from "./fixture.ts";

/** A watch and the names that it told. */
class Heard implements Disposable {
  readonly names: (string | undefined)[] = [];
  #watch: DirectoryWatch | undefined;
  #wake = () => {};

  static async on(path: string, options: DirectoryWatchOptions = {}): Promise<Heard> {
    const heard = new Heard();
    heard.#watch = await DirectoryWatch.open(path, options, (name) => {
      heard.names.push(name);
      heard.#wake();
    }, () => assert.fail("the watch is lost"));
    return heard;
  }

  /** Waits until one of the names was told. */
  async any(...expected: (string | undefined)[]): Promise<void> {
    while (!this.names.some((name) => expected.includes(name))) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
  }
}

Deno.test("DirectoryWatch tells names from the moment it is opened", async () => {
  using folder = makeFolder("mkdir d; touch d/f");
  for (let round = 0; round < 20; round++) {
    using heard = await Heard.on(folder.at("d"));
    writeFileSync(folder.at(`d/${round}`), "");
    await heard.any(`${round}`);
  }
  using heard = await Heard.on(folder.at("d"));
  folder.sh("echo x >> d/f");
  await heard.any("f");
  folder.sh("mv d/f d/g");
  await heard.any("g");
  folder.sh("rm d/0");
  await heard.any("0");
});

Deno.test("DirectoryWatch tells paths below, also in directories that are made later", async () => {
  using folder = makeFolder("mkdir -p d/e/f");
  using heard = await Heard.on(folder.at("d"), { recursive: true });
  writeFileSync(folder.at("d/e/f/x"), "");
  await heard.any("e/f/x");
  folder.sh("mkdir d/n");
  await heard.any("n");
  folder.sh("mv d/e d/e2");
  await heard.any("e2");
  // The directory is watched some time after its name is told; until then only a look would find what is in it.
  for (let file = 0; !heard.names.some((name) => name?.startsWith("n/")); file++) {
    writeFileSync(folder.at(`d/n/${file}`), "");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  folder.sh("touch d/e2/f/y");
  await heard.any("e2/f/y");
});

Deno.test("DirectoryWatch says that anything may have changed when the directory itself goes", async () => {
  for (const recursive of [false, true]) {
    using folder = makeFolder("mkdir d e");
    using removed = await Heard.on(folder.at("d"), { recursive });
    using moved = await Heard.on(folder.at("e"), { recursive });
    folder.sh("rmdir d; mv e e2");
    await removed.any(undefined);
    await moved.any(undefined);
  }
});

Deno.test("DirectoryWatch survives names that are not UTF-8, again and again", async () => {
  using folder = makeFolder("mkdir d");
  using heard = await Heard.on(folder.at("d"));
  for (let round = 0; round < 5; round++) {
    heard.names.length = 0;
    folder.sh(`touch $'d/n\\xff'${round}`);
    await heard.any(undefined);
    folder.sh(`touch d/plain${round}`);
    await heard.any(`plain${round}`, undefined);
  }
});

Deno.test("DirectoryWatch hears of a directory that was made anew right after a watch on the old one was closed", async () => {
  using folder = makeFolder();
  const path = folder.at("d");
  mkdirSync(path);
  for (let round = 0; round < 10; round++) {
    using heard = await Heard.on(path);
    writeFileSync(`${path}/x`, "");
    await heard.any("x");
    heard[Symbol.dispose]();
    rmSync(`${path}/x`);
    rmdirSync(path);
    mkdirSync(path);
  }
});

Deno.test("DirectoryWatch stays when another one on the same directory is closed", async () => {
  using folder = makeFolder("mkdir d");
  using one = await Heard.on(folder.at("d"));
  using other = await Heard.on(folder.at("d"));
  other[Symbol.dispose]();
  writeFileSync(folder.at("d/x"), "");
  await one.any("x");
  assert.deepEqual(other.names, []);
});

Deno.test("DirectoryWatch refuses what is not there", async () => {
  using folder = makeFolder();
  await assert.rejects(DirectoryWatch.open(folder.at("none"), {}, () => {}, () => {}), { code: "ENOENT" });
});
