import assert from "node:assert/strict";
import { openPoller } from "../../../src/runtime/posix/native.ts";
import { openPseudoTerminal } from "../../../src/runtime/posix/pseudo_terminal.ts";
import { Terminal } from "../../../src/runtime/posix/terminal.ts";
import { libc } from "./open_libc.ts";

Deno.test("a hang-up before the exit is not the end", async () => {
  const pseudoTerminal = openPseudoTerminal(libc, { rows: 24, cols: 80 });
  // As if the slave had been revoked: nobody holds it.
  libc.c.close(pseudoTerminal.slave);
  const closed: number[] = [];
  const counting = { ...libc, c: { ...libc.c, close: (fd: number) => closed.push(fd) && 0 } };
  const terminal = new Terminal(counting, openPoller(counting), pseudoTerminal);
  const first = terminal.output.read(100);
  const program = libc.c.open(pseudoTerminal.slavePath, libc.platform.openTerminal);
  libc.c.write(program, new TextEncoder().encode("back"), 4);
  assert.equal(new TextDecoder().decode((await first)!), "back");
  libc.c.close(program);
  await assert.rejects(terminal.input.write(new Uint8Array(100_000)), { code: "EPIPE" });
  const last = terminal.output.read(100);
  terminal.childExited();
  // Before the end come the echoes of what was written.
  for (let bytes = await last; bytes; bytes = await terminal.output.read(100_000));
  assert.deepEqual(closed.sort(), [pseudoTerminal.master, pseudoTerminal.slave].sort());
  libc.c.close(pseudoTerminal.master);
});
