import assert from "node:assert/strict";
import { MissingPaths } from "../../src/machine/missing_paths.ts";

Deno.test("a wait begins once the one before it was taken back, even where that fails", async () => {
  const paths = new MissingPaths();
  const asked: string[] = [];
  const ended = Promise.withResolvers<void>();
  const begin = (watchId: number) => Promise.resolve(asked.push(`begin ${watchId}`) > 0);
  const end = (watchId: number) => (asked.push(`end ${watchId}`), ended.promise);
  const first = await paths.watch(begin, end);
  first![Symbol.dispose]();
  const second = paths.watch(begin, end);
  // As many turns as it could take to ask for it too early.
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assert.deepEqual(asked, ["begin 1", "end 2"]);
  ended.reject(new Error("the connection is lost"));
  assert.ok(await second);
  assert.deepEqual(asked, ["begin 1", "end 2", "begin 3"]);
});
