import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import process from "node:process";
import fc from "fast-check";
import { FileWatches } from "../../src/file_system/file_watches.ts";
import type { FileChange } from "../../src/file_system/operations.ts";
import { disk, type Folder, makeFolder } from "./fixture.ts";

/** What somebody knows of a folder who listed it once and then only heard what happened. */
class Listing {
  readonly #folder: Folder;
  #names: Set<string>;

  constructor(folder: Folder) {
    this.#folder = folder;
    this.#names = this.real();
  }

  apply(change: FileChange): void {
    const name = this.#nameOf(change.path);
    if (change.kind === "overflow") this.#names = this.real();
    if (change.kind === "create") {
      assert.ok(!this.#names.has(name), `${name} was there when it was made`);
      this.#names.add(name);
    }
    if (change.kind === "modify") {
      assert.ok(this.#names.has(name), `${name} was not there when it was modified`);
    }
    if (change.kind === "remove") {
      assert.ok(this.#take(name).length > 0, `${name} was not there when it was removed`);
    }
    if (change.kind === "rename") {
      const moved = this.#take(this.#nameOf(change.from));
      assert.ok(moved.length > 0, `${change.from} was not there when it was moved`);
      this.#take(name);
      for (const rest of moved) this.#names.add(name + rest);
    }
  }

  names(): string[] {
    return [...this.#names].toSorted();
  }

  real(): Set<string> {
    return new Set(readdirSync(this.#folder.path, { recursive: true, encoding: "utf8" }));
  }

  /** Takes a name and all below it out; what followed the name in each. */
  #take(name: string): string[] {
    const taken = [...this.#names].filter((other) => other === name || other.startsWith(`${name}/`));
    for (const other of taken) this.#names.delete(other);
    return taken.map((other) => other.slice(name.length));
  }

  #nameOf(path: string): string {
    return path.slice(this.#folder.path.length + 1);
  }
}

const path = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 3 }).map((names) =>
  names.join("/")
);
const step = fc.oneof(
  { weight: 3, arbitrary: path.map((to) => `mkdir -p ${to}`) },
  { weight: 4, arbitrary: path.map((to) => `echo $RANDOM >> ${to}`) },
  { weight: 2, arbitrary: path.map((to) => `rm -r ${to}`) },
  { weight: 4, arbitrary: fc.tuple(path, path).map(([from, to]) => `mv ${from} ${to}`) },
  fc.tuple(path, path).map(([from, to]) => `ln ${from} ${to}`),
  fc.tuple(path, path).map(([from, to]) => `cp -r ${from} ${to}`),
  path.map((to) => `mkdir -p ${to} && for i in {1..1500}; do : > ${to}/f$((i % 100)); done`),
);
const steps = fc.array(step, { minLength: 1, maxLength: 12 }).map((lines) => lines.join("\n"));

Deno.test("a listing kept up by what FileWatches tells is what a new listing would be", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 8 }), async (scripts) => {
      using folder = makeFolder("mkdir -p a/b; echo > a/c; echo > d");
      const listing = new Listing(folder);
      const trail: string[] = [];
      let wrong: unknown;
      let wake = () => {};
      using watches = new FileWatches(disk);
      await watches.watch("w", folder.path, { recursive: true }, ({ changes, ended }) => {
        if (ended) wrong ??= "the watch has ended";
        try {
          for (const change of changes) {
            trail.push(JSON.stringify(change));
            listing.apply(change);
          }
        } catch (error) {
          wrong ??= error;
        }
        wake();
      });
      for (const [round, script] of scripts.entries()) {
        folder.sh(`set +e\n{ ${script}\n} 2>/dev/null\n: > sentinel${round}`);
        while (!wrong && !listing.names().includes(`sentinel${round}`)) {
          await new Promise<void>((resolve) => wake = resolve);
        }
        const seen = `${scripts.slice(0, round + 1).join("\n--\n")}\n\n${trail.join("\n")}`;
        assert.equal(wrong, undefined, `${wrong}\n${seen}`);
        assert.deepEqual(listing.names(), [...listing.real()].toSorted(), seen);
      }
    }),
    { seed: Number(process.env.EXEC_SERVER_SEED ?? 20_260_102), numRuns: 12, endOnFailure: true },
  );
});
