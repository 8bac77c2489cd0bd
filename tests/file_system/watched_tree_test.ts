import assert from "node:assert/strict";
import {
  TooManyEntriesError,
  WatchedTree,
  type WatchedTreeOptions,
} from "../../src/file_system/watched_tree.ts";
import { disk, type Folder, makeFolder } from "./fixture.ts";

const limit = 100;

/** A tree that knows the folder as it is now. */
async function knownTree(
  folder: Folder,
  options: WatchedTreeOptions = { recursive: true },
): Promise<WatchedTree> {
  const tree = new WatchedTree(disk, folder.path, options);
  await tree.look(undefined, limit);
  return tree;
}

async function look(tree: WatchedTree, names?: string[]): Promise<string[]> {
  const changes = await tree.look(names && new Set(names), limit);
  return changes.map((change) =>
    change.kind === "rename" ? `rename ${change.from} ${change.name}` : `${change.kind} ${change.name}`
  );
}

Deno.test("WatchedTree finds out all that happened without being told where", async () => {
  using folder = makeFolder("mkdir -p a/b/c d; touch a/b/f a/b/g a/x d/y; touch z");
  const tree = await knownTree(folder);
  assert.deepEqual(await look(tree), []);
  folder.sh("mv a e; rm e/b/g; echo > e/b/h; rm -r d; echo 1 >> z; mkdir -p n/m; touch n/m/o; chmod 700 e/b");
  assert.deepEqual((await look(tree)).toSorted(), [
    "create e/b/h",
    "create n",
    "create n/m",
    "create n/m/o",
    "modify e/b",
    "modify z",
    "remove d",
    "remove e/b/g",
    "rename a e",
  ]);
  assert.deepEqual(await look(tree), []);
});

Deno.test("WatchedTree takes a named file for modified, though nothing of it differs", async () => {
  using folder = makeFolder("touch f; mkdir d");
  const tree = await knownTree(folder);
  assert.deepEqual(await look(tree, ["f", "d", "none"]), ["modify f"]);
});

Deno.test("WatchedTree tells a kind that has changed as removal and creation", async () => {
  using folder = makeFolder("mkdir -p a/b; touch a/b/c f");
  const tree = await knownTree(folder);
  folder.sh("rm -r a; touch a; rm f; mkdir f; touch f/g");
  assert.deepEqual(await look(tree, ["a", "f"]), [
    "remove a",
    "create a",
    "remove f",
    "create f",
    "create f/g",
  ]);
  assert.equal(tree.size, 3);
});

Deno.test("WatchedTree tells both of two names of one file that go", async () => {
  using folder = makeFolder("touch a; ln a b; ln a c");
  const tree = await knownTree(folder);
  folder.sh("rm a b; mv c d");
  assert.deepEqual((await look(tree)).length, 3);
  assert.deepEqual(await look(tree), []);
  assert.equal(tree.size, 1);
});

Deno.test("WatchedTree knows one name only, when told so, and nothing below, unless told so", async () => {
  using folder = makeFolder("touch f g; mkdir d; touch d/h");
  const one = await knownTree(folder, { only: "f" });
  const flat = await knownTree(folder, {});
  assert.deepEqual([one.size, flat.size], [1, 3]);
  folder.sh("rm f g d/h");
  assert.deepEqual(await look(one, ["g", "f"]), ["remove f"]);
  assert.deepEqual(await look(flat), ["remove f", "remove g"]);
});

Deno.test("WatchedTree has a limit", async () => {
  using folder = makeFolder("mkdir -p d; touch d/1 d/2 d/3");
  const tree = new WatchedTree(disk, folder.path, { recursive: true });
  await assert.rejects(tree.look(undefined, 3), TooManyEntriesError);
  const other = new WatchedTree(disk, folder.path, { recursive: true });
  await other.look(undefined, 4);
  folder.sh("mkdir -p e; touch e/1");
  await assert.rejects(other.look(new Set(["e"]), 5), TooManyEntriesError);
});
