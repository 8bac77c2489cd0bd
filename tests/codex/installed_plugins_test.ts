import assert from "node:assert/strict";
import { findInstalledPlugins, isDirectory } from "../../src/codex/installed_plugins.ts";
import { osErrorCode } from "../../src/native/os_errors.ts";
import { makeFolder } from "../support/files.ts";

Deno.test("what is there and cannot be looked into is told, and what is not there is not", async () => {
  await using folder = await makeFolder({ "a file": "" });
  const failures: unknown[] = [];
  const onFailure = (_: string, error: unknown) => void failures.push(osErrorCode(error));
  const tooLong = folder.join("n".repeat(300));
  assert.equal(await isDirectory(tooLong, onFailure), false);
  assert.deepEqual(await findInstalledPlugins(tooLong, onFailure), []);
  assert.deepEqual(failures.splice(0), ["ENAMETOOLONG", "ENAMETOOLONG"]);
  for (const name of ["none", "a file", "a file/x"]) await isDirectory(folder.join(name), onFailure);
  await findInstalledPlugins(folder.path, onFailure);
  assert.deepEqual(failures, []);
});
