import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openNative } from "../../../src/runtime/deno/native.ts";
import { PlaceholderJournal } from "../../../src/runtime/linux/sandbox/placeholder_journal.ts";
import { identity, Placeholders } from "../../../src/runtime/linux/sandbox/placeholders.ts";
import { TempFolder } from "../../support/temp_folder.ts";

/** A folder, and servers that have their journals beside it. */
class Fixture implements AsyncDisposable {
  readonly #folder = new TempFolder();
  readonly path = join(this.#folder.path, "workspace");
  readonly journals = join(this.#folder.path, "journals");

  constructor() {
    mkdirSync(this.path);
  }

  server(): Placeholders {
    return new Placeholders(new PlaceholderJournal(openNative().libc, this.journals));
  }

  /** What stands there. */
  get names(): string[] {
    return readdirSync(this.path).sort();
  }

  directory(name: string) {
    return { kind: "emptyDirectory" as const, path: join(this.path, name) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#folder[Symbol.asyncDispose]();
  }
}

function linux(name: string, fn: (fixture: Fixture) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using fixture = new Fixture();
      await fn(fixture);
    },
  });
}

linux("placeholders go with the last process that uses them, and the journal with them", async (fixture) => {
  const server = fixture.server();
  const first = await server.hold([
    fixture.directory("a"),
    { kind: "emptyFile", path: join(fixture.path, "b") },
  ]);
  const second = await server.hold([fixture.directory("a")]);
  assert.deepEqual(fixture.names, ["a", "b"]);
  await first.release();
  assert.deepEqual(fixture.names, ["a"]);
  assert.deepEqual(["a", "b"].map((name) => server.paths().has(join(fixture.path, name))), [true, false]);
  await second.release();
  assert.deepEqual(fixture.names, []);
  assert.equal(existsSync(fixture.journals), false);
});

linux("a placeholder that another server uses stays", async (fixture) => {
  const [one, other] = [fixture.server(), fixture.server()];
  const first = await one.hold([fixture.directory("a")]);
  assert.ok(other.paths().has(join(fixture.path, "a")));
  const second = await other.hold([fixture.directory("a")]);
  await first.release();
  assert.deepEqual(fixture.names, ["a"]);
  await second.release();
  assert.deepEqual(fixture.names, []);
});

linux("what a server has left is removed by the next", async (fixture) => {
  // A lock that nobody holds is one of a server that has ended.
  mkdirSync(fixture.journals, { mode: 0o700 });
  for (const name of ["a", "b"]) mkdirSync(join(fixture.path, name));
  const left = ["a", "b"].map((name) => ({ ...fixture.directory(name), identity: "" }));
  await Deno.writeTextFile(join(fixture.journals, "1-gone"), JSON.stringify(left));
  await Deno.writeTextFile(join(fixture.journals, "2-torn"), '[{"path":');
  const server = fixture.server();
  const held = await server.hold([fixture.directory("a")]);
  assert.deepEqual(fixture.names, ["a"]);
  await held.release();
  assert.deepEqual(fixture.names, []);
  assert.equal(existsSync(fixture.journals), false);
});

linux(
  "what a server on another runtime has left is known again, which tells times in parts of a millisecond",
  () => {
    const { ino, mtimeMs } = lstatSync("/");
    assert.equal(identity({ ino, mtimeMs: Math.floor(mtimeMs) + 0.481 }), identity({ ino, mtimeMs }));
    assert.notEqual(identity({ ino, mtimeMs: mtimeMs + 1 }), identity({ ino, mtimeMs }));
    return Promise.resolve();
  },
);

linux("what is a user's stays: not empty, or made in the place of a placeholder", async (fixture) => {
  const server = fixture.server();
  mkdirSync(join(fixture.path, "c"));
  const held = await server.hold(["a", "b", "c"].map((name) => fixture.directory(name)));
  await Deno.chmod(join(fixture.path, "a"), 0o755);
  await Deno.writeTextFile(join(fixture.path, "a/file"), "");
  await held.release();
  assert.deepEqual(fixture.names, ["a", "c"]);
});

linux("a placeholder that somebody removes is made again", async (fixture) => {
  const server = fixture.server();
  const first = await server.hold([fixture.directory("a")]);
  rmSync(join(fixture.path, "a"), { recursive: true });
  const second = await server.hold([fixture.directory("a")]);
  assert.deepEqual(fixture.names, ["a"]);
  await first.release();
  assert.deepEqual(fixture.names, ["a"]);
  await second.release();
  assert.deepEqual(fixture.names, []);
});

linux("a folder of journals that is not this user's alone is refused", async (fixture) => {
  mkdirSync(fixture.journals);
  await Deno.chmod(fixture.journals, 0o777);
  await assert.rejects(fixture.server().hold([fixture.directory("a")]), /is not this user's alone/);
  assert.deepEqual(fixture.names, []);
});

linux("what stands there for others is not taken for a user's", async (fixture) => {
  const [one, other] = [fixture.server(), fixture.server()];
  const paths = one.paths();
  const held = await one.hold([fixture.directory("a")]);
  // As it is now, and not as it was when the paths were asked for.
  assert.ok(paths.has(join(fixture.path, "a")));
  const mistaken = [{ kind: "readOnly" as const, path: join(fixture.path, "a") }];
  for (const server of [one, other]) await assert.rejects(server.hold(mistaken), { isStale: true });
  await held.release();
});
