import assert from "node:assert/strict";
import { remoteMountOf } from "../../src/host/remote_path.ts";

Deno.test("a path leads to a remote mount by its names, dot segments and links, and is not followed beyond", () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    for (const name of ["remote", "near"]) Deno.mkdirSync(`${folder}/${name}`);
    Deno.symlinkSync("remote/inside", `${folder}/relative`);
    Deno.symlinkSync(`${folder}/near/..`, `${folder}/near/up`);
    Deno.symlinkSync("loop", `${folder}/loop`);
    const mount = `${folder}/remote`;
    const of = (path: string) => remoteMountOf(`${folder}/${path}`, new Set([mount]));
    const yes = [
      "remote",
      "remote/a/b",
      "near/../remote/x",
      "./remote//y",
      "relative",
      "relative/z",
      "near/up/remote/w",
    ];
    for (const path of yes) assert.equal(of(path), mount, path);
    for (const path of ["near", "near/x", "remotely", "loop", "missing/remote", "near/up/near", ""]) {
      assert.equal(of(path), undefined, path);
    }
    assert.equal(remoteMountOf("/../../..", new Set([mount])), undefined);
    assert.equal(remoteMountOf(mount, new Set()), undefined);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
