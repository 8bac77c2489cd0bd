/**
 * A person takes the keyboard of a terminal in the middle of a turn of the real Codex CLI, and gives it back: the CLI
 * survives it, whatever its writes are answered meanwhile.
 */
import assert from "node:assert/strict";
import type { KeyboardOptions } from "../../src/machine/shared_process.ts";
import { RemoteBackend } from "../../src/machine/remote/remote_backend.ts";
import { openClient } from "../support/client.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { type CodexRun, runCodex } from "./codex_cli.ts";
import { execCommand, type ModelRequest, writeStdin } from "./mock_model.ts";
import { sessionId } from "./transcript.ts";

const shortly = { yield_time_ms: 250 };
const untilItEnds = { yield_time_ms: 30_000 };

/** A person who is attached to the one terminal of a server. */
async function person(url: string) {
  const client = await openClient(url, {}, { clientName: "person" });
  const process = await new RemoteBackend(client).attach(
    (await client.call("process/listAll", {})).processes!.find(({ tty }) => tty)!.handle,
    { role: "control" },
  );
  const events = process.events();
  let seen = "";
  return {
    take: (options?: KeyboardOptions) => process.takeKeyboard(options),
    give: () => process.giveKeyboardBack(),
    leaves: () => process.detach(),
    async types(keys: string, answer: RegExp): Promise<void> {
      await process.write(keys);
      while (!answer.test(seen)) {
        const { value, done } = await events.next();
        if (done) throw new Error(`It ended before ${answer}: ${seen}`);
        if (value.kind === "output") seen += new TextDecoder().decode(value.bytes);
      }
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
    },
  };
}

/** A turn in which a person meddles with what the agent writes second. */
async function turn(
  meddle: (somebody: Awaited<ReturnType<typeof person>>) => Promise<void>,
  afterwards: (somebody: Awaited<ReturnType<typeof person>>) => Promise<void>,
): Promise<CodexRun> {
  await using folder = new TempFolder();
  await using server = await startServer({ args: ["--log-level", "off"] });
  let somebody: Awaited<ReturnType<typeof person>> | undefined;
  const id = (request: ModelRequest) => sessionId(request.output("shell"));
  const loop = 'echo ready; while read -r line; do echo "got $line"; done; echo ended';
  const run = await runCodex({
    serverUrl: server.url,
    directory: folder.path,
    script: [
      [execCommand("shell", loop, { tty: true, ...shortly })],
      async (request) => {
        somebody = await person(server.url);
        await meddle(somebody);
        return [writeStdin("first", id(request), "one\n", shortly)];
      },
      async (request) => {
        await afterwards(somebody!);
        return [writeStdin("second", id(request), "two\n", shortly)];
      },
      (request) => [writeStdin("end", id(request), "\x04", untilItEnds)],
    ],
  });
  await somebody?.[Symbol.asyncDispose]();
  assert.equal(run.exitCode, 0, run.stderr);
  return run;
}

Deno.test("what an agent writes while a person types is refused, and its terminal lives on", async () => {
  const run = await turn(
    async (somebody) => void await somebody.take(),
    async (somebody) => {
      await somebody.types("by hand\r", /got by hand/);
      await somebody.give();
    },
  );
  assert.match(run.output("first"), /failed to write to stdin/);
  const { output, exitCode } = run.command("end");
  assert.match(output, /got by hand\r\n[^]*got two\r\n[^]*ended\r\n$/);
  assert.ok(!output.includes("one"), output);
  assert.equal(exitCode, 0);
});

Deno.test("what an agent writes waits for the keyboard where the person wants that, and the turn goes on", async () => {
  const run = await turn(
    async (somebody) => {
      await somebody.take({ ownerInput: "hold" });
      await somebody.types("by hand\r", /got by hand/);
      // The agent waits for its answer meanwhile; where it is late it finds the keyboard its own.
      setTimeout(() => void somebody.give(), 1_000);
    },
    () => Promise.resolve(),
  );
  assert.doesNotMatch(run.output("first"), /failed/);
  assert.match(run.command("end").output, /got by hand\r\n[^]*got one\r\n[^]*got two\r\n[^]*ended\r\n$/);
  assert.equal(run.command("end").exitCode, 0);
});

Deno.test("a person who leaves with the keyboard gives it back, and the agent goes on", async () => {
  const run = await turn(
    async (somebody) => {
      await somebody.take();
      await somebody.types("by hand\r", /got by hand/);
      await somebody.leaves();
    },
    () => Promise.resolve(),
  );
  const { output, exitCode } = run.command("end");
  assert.match(output, /got by hand\r\n[^]*got two\r\n[^]*ended\r\n$/);
  assert.equal(exitCode, 0);
});
