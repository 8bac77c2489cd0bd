import assert from "node:assert/strict";
import { openPipe } from "../../../src/runtime/posix/pipe.ts";
import { libc } from "./open_libc.ts";

Deno.test({
  name: "a pipe is closed in children from its first moment",
  ignore: Deno.build.os !== "linux",
  fn() {
    // Between a call that opens and one that marks, another thread may start a child.
    const fcntl = () => assert.fail("What is open was not marked yet");
    const { read, write } = openPipe({ ...libc, c: { ...libc.c, fcntl } });
    for (const end of [read, write]) {
      const flags = /^flags:\s*([0-7]+)$/m.exec(Deno.readTextFileSync(`/proc/self/fdinfo/${end}`))![1]!;
      assert.ok(parseInt(flags, 8) & libc.platform.O_CLOEXEC);
      libc.c.close(end);
    }
  },
});
