import { ok, strictEqual as is } from "node:assert/strict";
import { finish, OutputText, startScript } from "../../support/backend_process.ts";
import { textOf } from "../../support/client.ts";
import type { Behaviours } from "../backend_suite.ts";

/** Writing to a process. */
export const inputBehaviours: Behaviours = {
  "what is written arrives": async (backend) => {
    await using process = await startScript(backend, "exec cat", { pipeStdin: true });
    using output = new OutputText(process);
    is(await process.write("hello\n"), "accepted");
    await output.until(/^hello\n$/);
  },
  "bytes are written as they are": async (backend) => {
    await using process = await startScript(backend, "exec od -An -tx1 -N5", { pipeStdin: true });
    using output = new OutputText(process);
    await process.write(new Uint8Array([0, 255, 10, 13, 128]));
    await output.until(/00 ff 0a 0d 80/);
  },
  "writes keep their order without being awaited": async (backend) => {
    await using process = await startScript(backend, "exec cat", { pipeStdin: true });
    using output = new OutputText(process);
    const lines = Array.from({ length: 200 }, (_, i) => `line ${i}\n`);
    const written = Promise.all(lines.map((line) => process.write(line)));
    await output.until(/line 199\n$/);
    await written;
    is(output.text, lines.join(""));
  },
  "a large write arrives whole": async (backend) => {
    const bytes = 3_000_000;
    await using process = await startScript(backend, `head -c ${bytes} | wc -c`, { pipeStdin: true });
    using output = new OutputText(process);
    is(await process.write(new Uint8Array(bytes)), "accepted");
    await output.until(new RegExp(`${bytes}\n`));
  },
  "an empty write does nothing": async (backend) => {
    await using process = await startScript(backend, "exec cat", { pipeStdin: true });
    using output = new OutputText(process);
    is(await process.write(""), "accepted");
    is(await process.write("x\n"), "accepted");
    await output.until(/^x\n$/);
  },
  "writing without a stdin is answered with stdinClosed": async (backend) => {
    await using process = await startScript(backend, "exec sleep 60");
    is(await process.write("x"), "stdinClosed");
  },
  "writing after the end is accepted and dropped": async (backend) => {
    const process = await startScript(backend, "exit 0", { pipeStdin: true });
    await finish(process);
    is(await process.write("x"), "accepted");
  },
  "closing stdin ends the input after what was written": async (backend) => {
    const process = await startScript(backend, "cat; echo end", { pipeStdin: true });
    const written = process.write("before ");
    is(await process.closeStdin(), "accepted");
    await written;
    is(textOf((await finish(process)).stdout), "before end\n");
  },
  "closing stdin twice is fine": async (backend) => {
    const process = await startScript(backend, "cat", { pipeStdin: true });
    is(await process.closeStdin(), "accepted");
    is(await process.closeStdin(), "accepted");
    is((await finish(process)).exitCode, 0);
  },
  "closing a stdin that is not there is answered with stdinClosed": async (backend) => {
    await using process = await startScript(backend, "exec sleep 60");
    is(await process.closeStdin(), "stdinClosed");
  },
  "a child that does not read holds its writer up, not the others": async (backend) => {
    await using stuck = await startScript(backend, "exec sleep 60", { pipeStdin: true });
    const held = stuck.write(new Uint8Array(4_000_000));
    await using free = await startScript(backend, "exec cat", { pipeStdin: true });
    using output = new OutputText(free);
    await free.write("still here\n");
    await output.until(/still here/);
    ok(await stuck.terminate());
    await held;
  },
};
