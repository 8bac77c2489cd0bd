import { rate } from "../metric.ts";
import type { Workload } from "../workload.ts";
import { timeOf, withClient } from "./timing.ts";

export const bulkOutput: Workload = output(
  "bulk output",
  (quick) => quick ? 100e6 : 400e6,
  (bytes) => `head -c ${bytes} /dev/zero`,
);

/** The numbers that `seq 1 N` prints have 22,888,896 bytes for N of 3 million, and 6,888,896 for 1 million. */
export const shortLines: Workload = output(
  "many short lines",
  (quick) => quick ? 6_888_896 : 22_888_896,
  (bytes) => `seq 1 ${bytes > 10e6 ? 3_000_000 : 1_000_000}`,
);

export const terminalOutput: Workload = {
  ...output(
    "terminal output",
    (quick) => quick ? 15e6 : 60e6,
    (bytes) => `head -c ${bytes} /dev/zero | tr '\\0' x`,
    true,
  ),
  besides: ["bare process", "bare socket", "sshd"],
};

/** One command whose output is received whole. Its last argument, which it ignores, is how much it is. */
function output(
  name: string,
  amount: (quick: boolean) => number,
  script: (bytes: number) => string,
  tty = false,
): Workload {
  const numbers = (bytes: number, ms: number) => ({ [name]: bytes / 1e3 / ms });
  return {
    name,
    metrics: [rate(name)],
    besides: ["bare process", "bare socket", "sshd", "websocketd"],
    run: ({ url }, { quick }) =>
      withClient(url, async (client) => {
        const bytes = amount(quick);
        const argv = ["/bin/sh", "-c", script(bytes), String(bytes)];
        const time = await timeOf(async () => await (await client.start("p", argv, { tty })).closed);
        client.expectOutput(bytes);
        return numbers(bytes, time);
      }),
    async runShell(shell, { quick }) {
      const bytes = amount(quick);
      const command = await shell.prepare(["/bin/sh", "-c", script(bytes)], { tty });
      let received = 0;
      const time = await timeOf(async () => received = await command.run());
      if (received < bytes) throw new Error(`Of ${bytes} bytes of output ${received} came`);
      return numbers(bytes, time);
    },
  };
}

const UPLOAD_CHUNK_BYTES = 196_608;

/** Requests on their way at once: a client that waits for every answer would measure the round trip. */
const UPLOAD_REQUESTS = 8;

/** Bytes into a command that ends when it has read them all. */
export const stdinUpload: Workload = {
  name: "stdin upload",
  metrics: [rate("stdin upload")],
  besides: ["bare process", "bare socket", "sshd", "websocketd"],
  run: ({ url }, { quick }) =>
    withClient(url, async (client) => {
      const chunks = uploadChunks(quick);
      const bytes = chunks * UPLOAD_CHUNK_BYTES;
      const { closed } = await client.start("p", uploadCommand(bytes), { pipeStdin: true });
      const chunk = btoa("x".repeat(UPLOAD_CHUNK_BYTES));
      let sent = 0;
      const send = async () => {
        while (sent < chunks) {
          const writeId = String(sent++);
          await client.call("process/write", { processId: "p", chunk, writeId });
        }
      };
      const time = await timeOf(async () => {
        await Promise.all(Array.from({ length: UPLOAD_REQUESTS }, send));
        await closed;
      });
      return { "stdin upload": bytes / 1e3 / time };
    }),
  async runShell(shell, { quick }) {
    const chunks = uploadChunks(quick);
    const bytes = chunks * UPLOAD_CHUNK_BYTES;
    const command = await shell.prepare(uploadCommand(bytes));
    const chunk = new Uint8Array(UPLOAD_CHUNK_BYTES).fill(120);
    return { "stdin upload": bytes / 1e3 / await timeOf(() => command.feed(Array(chunks).fill(chunk))) };
  },
};

function uploadCommand(bytes: number): string[] {
  return ["/bin/sh", "-c", `head -c ${bytes} > /dev/null`];
}

function uploadChunks(quick: boolean): number {
  return quick ? 100 : 500;
}
