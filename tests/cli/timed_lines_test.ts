import { equal as is } from "node:assert/strict";
import type { OutputStream } from "../../src/protocol/schemas/process.ts";
import { TimedLines } from "../../src/cli/timed_lines.ts";

Deno.test("a line begins with the time of its first byte, however it is cut and whatever comes between", () => {
  const lines = new TimedLines();
  const add = (stream: OutputStream, text: string, atMs: number) =>
    new TextDecoder().decode(lines.add({ stream, bytes: new TextEncoder().encode(text), atMs }).bytes);
  const time = (ms: number) => new Date(ms).toISOString();
  is(add("stdout", "a\nb", 1), `${time(1)} a\n${time(1)} b`);
  is(add("stderr", "e\n\n", 2), `${time(2)} e\n${time(2)} \n`);
  is(add("stdout", "c\n", 3), "c\n");
  is(add("stdout", "d", 4), `${time(4)} d`);
  is(add("stdout", "", 5), "");
});
