import { delay } from "@std/async/delay";
import { deepStrictEqual } from "node:assert/strict";
import { formatFileUri } from "../../src/protocol/file_uri.ts";
import { startParams } from "../support/client.ts";
import { until } from "../support/proc.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire } from "../support/wire.ts";

Deno.test("an answer that says a process has closed brings all of its output, however late it is taken", async () => {
  await using folder = new TempFolder();
  const large = await folder.write("large", "");
  await Deno.truncate(large, 10_000_000);
  await using server = await startServer();
  using wire = await Wire.open(server.url);
  await wire.initialize();
  const script = `while [ ! -e go ]; do sleep 0.01; done; echo early; sleep 0.3; echo late`;
  const cwd = formatFileUri(folder.path, "linux");
  await wire.request("process/start", startParams("p", ["sh", "-c", script], { cwd }));
  const answer = wire.request("process/read", { processId: "p", waitMs: 60_000 });
  await wire.request("environment/status");
  wire.pause();
  void wire.request("fs/readFile", { path: formatFileUri(large, "linux") });
  await delay(500); // Until the file's answer is on its way, which nobody can see from here.
  await folder.write("go", "");
  await until("the process has closed", () => server.stderr().includes("process closed"));
  wire.resume();
  const { chunks, nextSeq, exited, closed } = await answer;
  const text = chunks.map(({ chunk }: { chunk: string }) => atob(chunk)).join("");
  // Had it been taken before the end, it would say so.
  deepStrictEqual({ text, nextSeq, exited }, {
    text: closed ? "early\nlate\n" : "early\n",
    nextSeq: closed ? 5 : 2,
    exited: closed,
  });
});
