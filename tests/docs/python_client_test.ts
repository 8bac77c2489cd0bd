/** docs/client.py, as whoever copies it runs it. */
import { deepStrictEqual as same, match } from "node:assert/strict";
import { join } from "node:path";
import { root } from "../../scripts/places.ts";
import { startServer } from "../support/server_process.ts";

async function python(url: string, ...command: string[]) {
  const { code, stdout, stderr } = await new Deno.Command("python3", {
    args: [join(root, "docs/client.py"), url, ...command],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("the client in Python prints what a command writes, and ends as it does", async () => {
  await using server = await startServer({ args: ["--log-level", "off"] });
  const script = "echo grüße; echo err >&2; seq 200000; exit 3";
  const { code, stdout, stderr } = await python(server.url, "sh", "-c", script);
  const lines = Array.from({ length: 200_000 }, (_, at) => `${at + 1}\n`).join("");
  same([code, stdout === `grüße\n${lines}`, stderr], [3, true, "err\n"]);
});

Deno.test("the client in Python says why a command does not start", async () => {
  await using server = await startServer({ args: ["--log-level", "off"] });
  const { code, stderr } = await python(server.url, "no-such-program");
  same(code, 1);
  match(stderr, /cannot run program "no-such-program"/);
});
