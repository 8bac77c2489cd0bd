import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { LogOutput } from "../../src/cli/log_output.ts";
import { LOG_QUEUE_BYTES } from "../../src/limits.ts";

Deno.test("lines are written in order, together when they come together", async () => {
  const written: string[] = [];
  const log = new LogOutput((_, bytes) =>
    Promise.resolve(void written.push(new TextDecoder().decode(bytes)))
  );
  log.write("a\n");
  log.write("b\n");
  log.write("c\n");
  await log.flushed();
  deepStrictEqual(written, ["a\n", "b\nc\n"]);
});

for (const letter of ["x", "\u00e9", "\u8a9e"]) {
  Deno.test(`a reader that stops costs the lines of ${letter} above the limit, and is told how many`, async () => {
    const { promise: reads, resolve: read } = Promise.withResolvers<void>();
    let length = 0;
    const log = new LogOutput(async (_, bytes) => {
      await reads;
      length += bytes.length;
    });
    let lost = 0;
    log.onLost = (count) => lost += count;
    const bytes = new TextEncoder().encode(letter).length;
    const line = letter.repeat(1024 / bytes - 1) + "\n".repeat(bytes);
    const size = new TextEncoder().encode(line).length;
    const room = Math.floor(LOG_QUEUE_BYTES / size);
    for (let i = 0; i < room + 7; i++) log.write(line);
    read();
    await log.flushed();
    strictEqual(length, room * size);
    strictEqual(lost, 7);
  });
}

Deno.test("a reader that has gone costs every line and nothing else", async () => {
  const log = new LogOutput(() => Promise.reject(new Error("gone")));
  for (let i = 0; i < 3; i++) {
    log.write("x\n");
    await log.flushed();
  }
});
