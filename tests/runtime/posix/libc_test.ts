import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { declaredParameters, type ForeignLibrary, openLibc } from "../../../src/runtime/posix/libc.ts";
import { currentPlatform } from "../../../src/runtime/posix/platform.ts";

const library: ForeignLibrary = {
  symbols: { close: () => 7 },
  errno: () => 5,
  addressOf: () => 0n,
  spawn: () => Promise.resolve(0),
  poll: () => Promise.resolve(3),
};

Deno.test("the C library is opened under the first name that works", async () => {
  const tried: string[] = [];
  const libc = openLibc((name) => {
    tried.push(name);
    if (tried.length === 1) throw new Error("not here");
    return library;
  });
  assert.deepEqual(tried, currentPlatform().libraries.slice(0, 2));
  assert.equal(libc.c.close(1), 7);
  assert.equal(libc.errno(), 5);
  assert.equal(await libc.pollOffThread(new Uint8Array(8), 1), 3);
});

Deno.test("a C library that cannot be opened is an error with the reason", () => {
  const reason = new Error("not permitted");
  assert.throws(
    () =>
      openLibc(() => {
        throw reason;
      }),
    { message: "Terminals are not available, the C library cannot be called: not permitted", cause: reason },
  );
});

Deno.test("arguments after the dots go to the stack where the platform wants them there", () => {
  const platform = { ...currentPlatform(), variadicOnStack: true };
  assert.deepEqual(declaredParameters("ioctl", platform), [
    ...["i32", "usize", "usize", "usize", "usize", "usize", "usize", "usize"],
    "buffer",
  ]);
  assert.deepEqual(declaredParameters("read", platform), ["i32", "buffer", "usize"]);
  assert.deepEqual(declaredParameters("ioctl", { ...platform, variadicOnStack: false }), [
    "i32",
    "usize",
    "buffer",
  ]);
});

Deno.test("without the permission for foreign functions, a terminal is refused with the reason", async () => {
  const driver = fileURLToPath(import.meta.resolve("../pty/run_scenario.ts"));
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--deny-ffi", driver, "an empty environment is empty"],
    stdin: "null",
    stderr: "piped",
  }).output();
  assert.equal(code, 1);
  assert.match(new TextDecoder().decode(stderr), /Terminals are not available, .* needs --allow-ffi/);
});
