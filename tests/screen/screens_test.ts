import { equal, rejects } from "node:assert/strict";
import { RETAINED_OUTPUT_BYTES, SCREEN_IDLE_MS, SCREEN_LAG_BYTES, SCREENS } from "../../src/limits.ts";
import type { ChildProcess } from "../../src/host/child_process.ts";
import { ManagedProcess } from "../../src/process/managed_process.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import { Screens } from "../../src/screen/screens.ts";
import { FakeTime } from "../support/fake_time.ts";

const child: ChildProcess = {
  pid: 0,
  outputs: [],
  stdin: null,
  exit: new Promise(() => {}),
  resize: () => {},
};

function terminalProcess(): ManagedProcess {
  return new ManagedProcess(asProcessId("p"), child, { size: { rows: 4, cols: 20 } });
}

/** How many follow a process's log. */
function followers({ log }: ManagedProcess): number {
  return log.listeners.size;
}

Deno.test("a process has one screen, however often it is looked at", async () => {
  const [screens, process] = [new Screens(), terminalProcess()];
  process.log.appendOutput("pty", new TextEncoder().encode("hello"));
  const [first, second] = await Promise.all([1, 2].map(() => screens.look(process, { format: "ansi" })));
  equal(first?.format === "ansi" && first.text, "hello");
  equal(second?.format === "ansi" && second.text, "hello");
  equal(followers(process), 1);
  process.forget();
});

Deno.test("a resize is a new size of the screen", async () => {
  const [screens, process] = [new Screens(), terminalProcess()];
  process.resize({ rows: 3, cols: 30 });
  equal((await screens.look(process, { format: "text" })).size.cols, 30);
  process.forget();
});

Deno.test("a process behind pipes has no screen", async () => {
  const process = new ManagedProcess(asProcessId("p"), { ...child, resize: undefined });
  await rejects(new Screens().look(process, { format: "text" }), {
    code: "REFUSED",
    message: "process p has no terminal, so there is no screen to show",
  });
  process.forget();
});

Deno.test("a screen goes when its process is forgotten", async () => {
  const [screens, process] = [new Screens(), terminalProcess()];
  await screens.look(process, { format: "text" });
  process.forget();
  equal(followers(process), 0);
  equal(process.forgotten.size, 0);
});

Deno.test("a screen goes when nobody has looked at it for long", async () => {
  const [screens, process] = [new Screens(), terminalProcess()];
  using time = new FakeTime();
  await screens.look(process, { format: "text" });
  await time.pass(SCREEN_IDLE_MS - 1);
  await screens.look(process, { format: "text" });
  await time.pass(SCREEN_IDLE_MS - 1);
  equal(screens.open, 1);
  await time.pass(1);
  equal(screens.open, 0);
  process.forget();
});

Deno.test("a screen that nobody looks at is kept where it cannot be made again", async () => {
  const [screens, process] = [new Screens(), terminalProcess()];
  using time = new FakeTime();
  process.log.appendOutput("pty", new TextEncoder().encode("first"));
  await screens.look(process, { format: "text" });
  process.log.appendOutput("pty", new TextEncoder().encode("\r".repeat(RETAINED_OUTPUT_BYTES)));
  await screens.look(process, { format: "text" });
  await time.pass(SCREEN_IDLE_MS);
  equal(screens.open, 1);
  const screen = await screens.look(process, { format: "text" });
  equal(screen.format === "text" && screen.lines[0], "first");
  process.forget();
  equal(screens.open, 0);
});

Deno.test("a lively program's screen is kept before anybody looks, a quiet one's takes no room", async () => {
  const [screens, process] = [new Screens(), terminalProcess()];
  screens.follow(process);
  process.log.appendOutput("pty", new TextEncoder().encode("\x1b[?1049hdrawn once\x1b[?25l"));
  equal(screens.open, 0);
  for (let bytes = 0; bytes < 2 * RETAINED_OUTPUT_BYTES; bytes += SCREEN_LAG_BYTES) {
    process.log.appendOutput(
      "pty",
      new TextEncoder().encode("\x1b[4;1Hworking ".repeat(SCREEN_LAG_BYTES / 14)),
    );
    // Its turn, in which the emulator is loaded.
    while (screens.open === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  const screen = await screens.look(process, { format: "text" });
  equal(screen.format === "text" && screen.lines[0], "drawn once");
  equal(screen.alternateScreen, true);
  equal(screen.cursor.visible, false);
  process.forget();
});

Deno.test("a flood of lines takes no room before anybody looks", async () => {
  const [screens, process] = [new Screens(), terminalProcess()];
  screens.follow(process);
  for (let bytes = 0; bytes < 2 * RETAINED_OUTPUT_BYTES; bytes += SCREEN_LAG_BYTES) {
    process.log.appendOutput(
      "pty",
      new TextEncoder().encode("\x1b[31mline\x1b[m\r\n".repeat(SCREEN_LAG_BYTES / 14)),
    );
    await new Promise((resolve) => setTimeout(resolve));
  }
  equal(screens.open, 0);
  process.forget();
});

Deno.test("only so many screens are kept, those that were looked at last", async () => {
  const screens = new Screens();
  const processes = Array.from({ length: SCREENS + 1 }, terminalProcess);
  const [first, second] = processes as [ManagedProcess, ManagedProcess];
  for (const process of processes.slice(0, SCREENS)) await screens.look(process, { format: "text" });
  await screens.look(first, { format: "text" });
  await screens.look(processes[SCREENS]!, { format: "text" });
  equal(screens.open, SCREENS);
  equal((await screens.look(second, { format: "text" })).missedBytes, 0);
  for (const process of processes) process.forget();
});
