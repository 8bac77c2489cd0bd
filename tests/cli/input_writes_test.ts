import { deepStrictEqual as equals, strictEqual as is } from "node:assert/strict";
import { InputWrites } from "../../src/cli/input_writes.ts";
import { INPUT_WRITE_BYTES } from "../../src/limits.ts";
import type { WriteStatus } from "../../src/machine/exec_backend.ts";

/** A process that answers when it is told to. */
function slowProcess() {
  const written: { readonly bytes: Uint8Array; answer(status: WriteStatus): void; fail(): void }[] = [];
  const writes = new InputWrites((bytes) =>
    new Promise((resolve, reject) => {
      written.push({ bytes, answer: resolve, fail: () => reject(new Error("gone")) });
    })
  );
  return { writes, written, lengths: () => written.map(({ bytes }) => bytes.length) };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("the first input goes at once, and what comes while it is under way goes together", async () => {
  const { writes, written, lengths } = slowProcess();
  for (let i = 0; i < 5; i++) await writes.push(new Uint8Array([i]));
  equals(lengths(), [1, 1]);
  written[0]!.answer("accepted");
  await turn();
  equals(lengths(), [1, 1, 3]);
  equals([...written[2]!.bytes], [2, 3, 4]);
});

Deno.test("a flood goes in large portions, of which few are unanswered", async () => {
  const { writes, written, lengths } = slowProcess();
  const part = new Uint8Array(INPUT_WRITE_BYTES / 4);
  let pushed = 0;
  const flood = (async () => {
    while (pushed < 200 && await writes.push(part)) pushed++;
  })();
  await turn();
  const sent = lengths().length;
  is(sent < 12, true, `${sent} writes`);
  is(Math.max(...lengths()), INPUT_WRITE_BYTES);
  for (let i = 0; pushed < 200; i++) {
    written[i]!.answer("accepted");
    await turn();
  }
  await flood;
  const ended = writes.end();
  for (const { answer } of written) answer("accepted");
  is(await ended, true);
  is(lengths().reduce((sum, length) => sum + length), 200 * part.length);
});

Deno.test("the end waits for all answers, and sends what is left", async () => {
  const { writes, written, lengths } = slowProcess();
  for (let i = 0; i < 3; i++) await writes.push(new Uint8Array(1));
  let ended = false;
  const end = writes.end().then((taken) => (ended = true, taken));
  equals(lengths(), [1, 1, 1]);
  written[2]!.answer("accepted");
  await turn();
  is(ended, false);
  for (const { answer } of written) answer("accepted");
  is(await end, true);
});

for (const how of ["stdinClosed", "a failure"] as const) {
  Deno.test(`nothing more is sent after ${how}`, async () => {
    const { writes, written, lengths } = slowProcess();
    for (let i = 0; i < 4; i++) await writes.push(new Uint8Array(1));
    if (how === "stdinClosed") written[0]!.answer(how);
    else written[0]!.fail();
    await turn();
    equals(lengths(), [1, 1]);
    is(await writes.push(new Uint8Array(1)), false);
  });
}
