import assert from "node:assert/strict";
import { WaitingCalls } from "../../src/host/waiting_calls.ts";
import { DiskLooks } from "../../src/usage/disk_looks.ts";

const dead = { path: "/dead", type: "nfs4" };
const living = { path: "/", type: "ext4" };
const sizes = { total: 100, available: 40 };

/** Looks at a disk that answers and at one that does so when it is told to. */
function scene() {
  const asked: string[] = [];
  const late: PromiseWithResolvers<typeof sizes>[] = [];
  const looks = new DiskLooks(new WaitingCalls(6).share(), ({ path }) => {
    asked.push(path);
    if (path === living.path) return Promise.resolve(sizes);
    late.push(Promise.withResolvers());
    return late.at(-1)!.promise;
  });
  return { asked, late, looks };
}

Deno.test("a disk that does not answer takes one call, and the others are told", async () => {
  const { asked, looks } = scene();
  const expected = [{ ...dead, total: null, available: null }, { ...living, ...sizes }];
  const first = [looks.look([dead, living]), looks.look([dead, living])];
  for (const found of await Promise.all(first)) assert.deepEqual(found, expected);
  for (let look = 0; look < 20; look++) assert.deepEqual(await looks.look([dead, living]), expected);
  assert.equal(asked.filter((path) => path === dead.path).length, 1);
});

Deno.test("one that answers again is told again", async () => {
  const { late, looks } = scene();
  assert.equal((await looks.look([dead]))[0]!.total, null);
  late[0]!.resolve(sizes);
  await new Promise((resolve) => setTimeout(resolve));
  const again = looks.look([dead]);
  late[1]!.resolve({ total: 7, available: 3 });
  assert.deepEqual(await again, [{ ...dead, total: 7, available: 3 }]);
});

Deno.test("one that may not be asked is told without, and asked again", async () => {
  const { late, looks } = scene();
  const look = looks.look([dead]);
  late[0]!.reject(new Error("EACCES"));
  assert.equal((await look)[0]!.total, null);
  const again = looks.look([dead]);
  late[1]!.resolve(sizes);
  assert.equal((await again)[0]!.total, 100);
});
