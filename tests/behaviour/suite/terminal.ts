import { match, strictEqual as is } from "node:assert/strict";
import { finish, OutputText, runScript, startScript } from "../../support/backend_process.ts";
import { bytesOf, textOf } from "../../support/client.ts";
import type { Behaviours } from "../backend_suite.ts";

/** Processes behind a terminal. */
export const terminalBehaviours: Behaviours = {
  "a terminal is one": async (backend) => {
    const { events } = await runScript(backend, "test -t 0 && test -t 1 && test -t 2 && echo yes", {
      tty: true,
    });
    is(textOf(bytesOf(events, "pty")), "yes\r\n");
  },
  "a terminal has 24 rows and 80 columns by default": async (backend) => {
    const { events } = await runScript(backend, "stty size", { tty: true });
    is(textOf(bytesOf(events, "pty")), "24 80\r\n");
  },
  "a terminal has the size it is given": async (backend) => {
    const { events } = await runScript(backend, "stty size", { tty: true, size: { rows: 10, cols: 33 } });
    is(textOf(bytesOf(events, "pty")), "10 33\r\n");
  },
  "a terminal echoes, and takes what is written": async (backend) => {
    await using process = await startScript(backend, "exec cat", { tty: true });
    using output = new OutputText(process);
    await process.write("typed\n");
    await output.until(/typed\r\ntyped\r\n/);
  },
  "the end-of-file byte ends a terminal's input": async (backend) => {
    const process = await startScript(backend, "cat; echo end", { tty: true });
    await process.write("\x04");
    is((await finish(process)).exitCode, 0);
  },
  "the interrupt byte interrupts what runs on a terminal": async (backend) => {
    const process = await startScript(
      backend,
      "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done",
      { tty: true },
    );
    using output = new OutputText(process);
    await output.until(/ready/);
    await process.write("\x03");
    await output.until(/caught/);
    is((await finish(process)).exitCode, 5);
  },
  "a terminal can be resized": async (backend) => {
    await using process = await startScript(backend, "echo ready; read line; stty size; sleep 60", {
      tty: true,
    });
    using output = new OutputText(process);
    await output.until(/ready/);
    await process.resize({ rows: 7, cols: 77 });
    await process.write("\n");
    await output.until(/7 77/);
  },
  "a program that asks its terminal is answered where that is wanted": async (backend) => {
    const asks = "stty -echo raw; printf 'ab\\033[6n'; head -c 6 | od -An -c";
    const { events } = await runScript(backend, asks, { tty: true, screen: { answers: true } });
    match(textOf(bytesOf(events, "pty")), /033 +\[ +1 +; +3 +R/);
  },
  "a program that asks its terminal is answered by nobody otherwise": async (backend) => {
    for (const screen of [undefined, {}, { answers: false }]) {
      const asks = "stty -echo raw; printf '\\033[6n'; timeout 1 cat | wc -c";
      const { events } = await runScript(backend, asks, { tty: true, screen });
      match(textOf(bytesOf(events, "pty")), /\n? *0\s*$/);
    }
  },
  "what a screen answers means nothing behind pipes": async (backend) => {
    const { exitCode } = await runScript(backend, "exit 3", { screen: { answers: true } });
    is(exitCode, 3);
  },
  "a program killed on a terminal tells its signal": async (backend) => {
    const process = await startScript(backend, "exec sleep 60", { tty: true });
    await process.terminate();
    is((await finish(process)).exitCode, 137);
  },
  "the last output of a terminal is not lost": async (backend) => {
    const { events } = await runScript(backend, "head -c 200000 /dev/zero | tr '\\0' x; printf end", {
      tty: true,
    });
    const text = textOf(bytesOf(events, "pty"));
    is(text.length, 200_003);
    is(text.slice(-3), "end");
  },
};
