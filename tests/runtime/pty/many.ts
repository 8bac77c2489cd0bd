/** Many terminals at once and one after the other. */
import assert from "node:assert/strict";
import { type Scenarios, script, spawn, threads } from "./terminal.ts";
import { exitOf } from "../../support/exit_of.ts";

const digits = (value: number, width: number) => String(value).padStart(width, "0");

export const many: Scenarios = {
  "500 programs that print 20 KB and exit lose no byte": async () => {
    let started = 0;
    const worker = async () => {
      for (let number = started++; number < 500; number = started++) {
        const program = script(`printf '%020000d' ${number}`);
        assert.equal(await program.rest(), digits(number, 20_000));
        assert.deepEqual(await exitOf(program.child), { code: 0, signal: null });
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  },

  "500 programs at once that print 20 KB and exit lose no byte": async () => {
    const programs = Array.from({ length: 500 }, (_, i) => script(`printf '%020000d' ${i}`));
    const printed = await Promise.all(programs.map((program) => program.rest()));
    printed.forEach((text, i) => assert.equal(text, digits(i, 20_000)));
  },

  "1000 terminals at once deliver every byte, with no more threads than one": async () => {
    const ask = "stty -echo; echo ready; read number; printf '%05000d' $number";
    const start = () => spawn({ program: "/bin/sh", args: ["-c", ask] });
    const first = start();
    await first.until("ready\r\n");
    const unanswered = first.read();
    const threadsOfOne = threads();
    const programs = Array.from({ length: 999 }, start);
    await Promise.all(programs.map((program) => program.until("ready\r\n")));
    const printed = programs.map((program) => program.rest());
    // The runtime's own pools may grow by a thread or two meanwhile.
    assert.ok(threads() <= threadsOfOne + 3, `${threads()} threads, ${threadsOfOne} with one terminal`);
    await Promise.all(programs.map((program, i) => program.type(`${i}\n`)));
    (await Promise.all(printed)).forEach((text, i) => assert.equal(text, digits(i, 5_000)));
    await first.close();
    assert.equal(await unanswered, null);
  },
};
