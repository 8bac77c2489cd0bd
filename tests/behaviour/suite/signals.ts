import { rejects, strictEqual as is } from "node:assert/strict";
import { finish, gone, OutputText, runScript, startScript } from "../../support/backend_process.ts";
import type { Behaviours } from "../backend_suite.ts";

/** Signals and termination. */
export const signalBehaviours: Behaviours = {
  "death by a signal is 128 and its number": async (backend) => {
    is((await runScript(backend, "kill -TERM $$")).exitCode, 143);
    is((await runScript(backend, "kill -KILL $$")).exitCode, 137);
  },
  "an interrupt reaches the process": async (backend) => {
    const process = await startScript(
      backend,
      'trap "echo caught; exit 9" INT; echo ready; while :; do sleep 0.05; done',
    );
    using output = new OutputText(process);
    await output.until(/ready/);
    await process.signal("interrupt");
    await output.until(/caught/);
    is((await finish(process)).exitCode, 9);
  },
  "an interrupt reaches what the process started": async (backend) => {
    const process = await startScript(backend, "echo ready; sleep 60; true");
    using output = new OutputText(process);
    await output.until(/ready/);
    const ended = finish(process);
    // A shell that is just starting its next program keeps what arrives then to itself.
    while (!process.state.hasExited) {
      await process.signal("interrupt");
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 200))]);
    }
    is((await ended).exitCode, 130);
  },
  "other signals reach it by name": async (backend) => {
    const process = await startScript(
      backend,
      'trap "exit 11" USR1; echo ready; while :; do sleep 0.05; done',
    );
    using output = new OutputText(process);
    await output.until(/ready/);
    await process.signal("user1");
    is((await finish(process)).exitCode, 11);
  },
  "a signal after the end does nothing": async (backend) => {
    const process = await startScript(backend, "true");
    await finish(process);
    await process.signal("interrupt");
    is(process.state.exitCode, 0);
  },
  "terminate kills and says that it ran": async (backend) => {
    const process = await startScript(backend, "exec sleep 60");
    is(await process.terminate(), true);
    is((await finish(process)).exitCode, 137);
  },
  "terminate kills what ignores everything else": async (backend) => {
    const process = await startScript(backend, 'trap "" INT TERM HUP; echo ready; while :; do sleep 1; done');
    using output = new OutputText(process);
    await output.until(/ready/);
    await process.terminate();
    is((await finish(process)).exitCode, 137);
  },
  "terminate reaches grandchildren": async (backend) => {
    const process = await startScript(backend, "sleep 60 & echo $!; wait");
    using output = new OutputText(process);
    const [pid] = await output.until(/^\d+(?=\n)/);
    await process.terminate();
    await finish(process);
    await gone(Number(pid));
  },
  "terminate after the end says that it did not run": async (backend) => {
    const process = await startScript(backend, "true");
    await finish(process);
    is(await process.terminate(), false);
  },
  "what was retained can be read after terminate": async (backend) => {
    const process = await startScript(backend, "echo kept; exec sleep 60");
    using output = new OutputText(process);
    await output.until(/kept/);
    await process.terminate();
    await finish(process);
    is((await process.read()).chunks.length, 1);
  },
  "leaving the block terminates the process": async (backend) => {
    let pid = 0;
    {
      await using process = await startScript(backend, "echo $$; exec sleep 60");
      using output = new OutputText(process);
      pid = Number((await output.until(/^\d+(?=\n)/))[0]);
    }
    await gone(pid);
  },
  "a resize behind pipes is refused": async (backend) => {
    await using process = await startScript(backend, "exec sleep 60");
    await rejects(process.resize({ rows: 10, cols: 10 }), {
      name: "ServerError",
      code: "EREFUSED",
      rpcCode: -32600,
    });
  },
};
