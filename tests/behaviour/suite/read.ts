import { concat } from "@std/bytes/concat";
import { deepStrictEqual as same, ok, strictEqual as is } from "node:assert/strict";
import { finish, OutputText, startScript } from "../../support/backend_process.ts";
import { textOf } from "../../support/client.ts";
import type { Behaviours } from "../backend_suite.ts";

function textOfChunks(chunks: readonly { readonly bytes: Uint8Array }[]): string {
  return textOf(concat(chunks.map(({ bytes }) => bytes)));
}

/** Reading what is retained. */
export const readBehaviours: Behaviours = {
  "read tells the output and the end": async (backend) => {
    const process = await startScript(backend, "echo a; exit 5");
    await finish(process);
    const { chunks, nextSeq, ...rest } = await process.read();
    is(textOfChunks(chunks), "a\n");
    is(nextSeq, 4);
    same(
      { exited: rest.exited, exitCode: rest.exitCode, closed: rest.closed, failure: rest.failure },
      { exited: true, exitCode: 5, closed: true, failure: null },
    );
  },
  "read answers at once when told not to wait": async (backend) => {
    await using process = await startScript(backend, "exec sleep 60");
    const { chunks, exited, exitCode } = await process.read();
    same([chunks.length, exited, exitCode], [0, false, null]);
  },
  "read waits for output": async (backend) => {
    await using process = await startScript(backend, "read line; echo got $line; sleep 60", {
      pipeStdin: true,
    });
    const waiting = process.read({ waitMs: 20_000 });
    await process.write("it\n");
    is(textOfChunks((await waiting).chunks), "got it\n");
  },
  "read waits for the exit": async (backend) => {
    const process = await startScript(backend, "read line; exit 6", { pipeStdin: true });
    const waiting = process.read({ waitMs: 20_000 });
    await process.write("\n");
    is((await waiting).exitCode, 6);
    await finish(process);
  },
  "read goes on after the event it names": async (backend) => {
    await using process = await startScript(backend, "echo a; read line; echo b; sleep 60", {
      pipeStdin: true,
    });
    const first = await process.read({ waitMs: 20_000 });
    is(textOfChunks(first.chunks), "a\n");
    await process.write("\n");
    const second = await process.read({ afterSeq: first.nextSeq - 1, waitMs: 20_000 });
    is(textOfChunks(second.chunks), "b\n");
  },
  "read stops at its limit of bytes, but brings one chunk at least": async (backend) => {
    const process = await startScript(backend, "echo aaaa; sleep 0.1; echo bbbb");
    await finish(process);
    const one = await process.read({ maxBytes: 1 });
    is(textOfChunks(one.chunks), "aaaa\n");
    const next = await process.read({ afterSeq: one.nextSeq - 1, maxBytes: 100 });
    is(textOfChunks(next.chunks), "bbbb\n");
  },
  "reading in parts gives the whole": async (backend) => {
    const process = await startScript(backend, "seq 1 100000 | head -c 400000");
    const { stdout } = await finish(process);
    const parts: Uint8Array[] = [];
    for (let afterSeq = 0;;) {
      const { chunks, nextSeq } = await process.read({ afterSeq, maxBytes: 100_000 });
      if (chunks.length === 0) break;
      parts.push(...chunks.map(({ bytes }) => bytes));
      afterSeq = nextSeq - 1;
    }
    same(concat(parts), stdout);
  },
  "a reader that was told of a gap catches up by reading": async (backend) => {
    const process = await startScript(backend, "head -c 4000000 /dev/zero; printf tail");
    await finish(process);
    for await (const event of process.events({ afterSeq: 1 })) {
      if (event.kind !== "gap") continue;
      const { chunks } = await process.read({ afterSeq: event.fromSeq - 1 });
      ok(chunks.length > 0 && textOfChunks(chunks).endsWith("tail"));
      return;
    }
    throw new Error("There was no gap");
  },
  "a wait that is given up ends": async (backend) => {
    await using process = await startScript(backend, "exec sleep 60");
    const abort = new AbortController();
    const waiting = process.read({ waitMs: 60_000, signal: abort.signal });
    abort.abort();
    is((await waiting).chunks.length, 0);
  },
  "reading disturbs no subscriber": async (backend) => {
    await using process = await startScript(backend, "echo a; read line; echo b; sleep 60", {
      pipeStdin: true,
    });
    using output = new OutputText(process);
    await process.read({ waitMs: 20_000 });
    await process.write("\n");
    await output.until(/^a\nb\n$/);
  },
};
