/**
 * The documentation's examples for the shell, with `exec-server` being the command under test. The blocks of a page are
 * executed in order in one folder, which holds the README.
 *
 * A block marked `serve` is a server; it stays until the next one, and `ws://127.0.0.1:7300` or `wss://127.0.0.1:7300`
 * in what follows is where it listens. A page begins with one that lets everybody in. A block marked `no-run` needs what is not here.
 */
import { strictEqual } from "node:assert/strict";
import { delimiter, join } from "node:path";
import { commandOnPath } from "../support/command_on_path.ts";
import { codeBlocks, pages, readPage } from "../support/markdown.ts";
import { startServer } from "../support/server_process.ts";

const address = /(wss?):\/\/127\.0\.0\.1:7300/g;

for (const page of pages()) {
  const blocks = codeBlocks(page).filter(({ language, attributes }) =>
    language === "sh" && !attributes.includes("no-run")
  );
  if (blocks.length === 0) continue;
  Deno.test(`the shell examples of ${page} work`, async (t) => {
    await using command = await commandOnPath();
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(join(folder, "README.md"), readPage("README.md"));
    const path = command.folder + delimiter + Deno.env.get("PATH");
    let server = await startServer({ args: ["--log-level", "off"] });
    for (const { place, code, attributes } of blocks) {
      if (attributes.includes("serve")) {
        await t.step(`${place} serves`, async () => {
          strictEqual((await server.stop()).code, 0);
          const script = code.replaceAll(address, "$1://127.0.0.1:0").replace(
            /^exec-server/m,
            "exec exec-server",
          );
          server = await startServer({
            command: ["bash", "-euc", script],
            cwd: folder,
            env: environment(path),
          });
        });
      } else {
        const script = code.replaceAll(address, server.url);
        await t.step(`${place} succeeds`, () => succeeds(script, folder, path));
      }
    }
    strictEqual((await server.stop()).code, 0);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("there are examples of both kinds", () => {
  const blocks = pages().flatMap(codeBlocks).filter(({ attributes }) => !attributes.includes("no-run"));
  const servers = blocks.filter(({ attributes }) => attributes.includes("serve"));
  strictEqual(servers.length >= 3 && blocks.length - servers.length >= 3, true);
});

async function succeeds(script: string, cwd: string, path: string): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euc", script],
    cwd,
    env: environment(path),
    stdin: "null",
    signal: AbortSignal.timeout(20_000), // An example that hangs must not hang everything.
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${script}\n${decoder.decode(stdout)}${decoder.decode(stderr)}`);
}

function environment(path: string): Record<string, string> {
  return { ...Deno.env.toObject(), PATH: path };
}
