/**
 * The documentation's examples in TypeScript: each is type-checked and executed against a server, and prints what its
 * comments say. `ws://127.0.0.1:7300` stands for that server, `nats://127.0.0.1:4222` for a broker with a host "web1", and
 * `exec-server` is the library of this tree, or the command under test. A block marked `no-run` is only checked, and one
 * about fleets too where there is no broker to be had.
 */
import { deepStrictEqual } from "node:assert/strict";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { hasBroker, TestBroker } from "../support/broker.ts";
import { commandOnPath } from "../support/command_on_path.ts";
import { TestHost } from "../support/fleet.ts";
import { type CodeBlock, codeBlocks, pages, root } from "../support/markdown.ts";
import { startServer } from "../support/server_process.ts";

const modules = { "exec-server": "mod.ts", "exec-server/fleet": "fleet.ts" };
const blocks = pages().flatMap(codeBlocks).filter(({ language }) => language === "ts");

Deno.test("the library's examples", async (t) => {
  await using server = await startServer({ args: ["--log-level", "off"] });
  // In the tree of the tests, so that packages are found as they are for their own files. What is checked stays, always the
  // same, so that only a changed example is checked again.
  const checked = writeExamples(join(root, "tests/dist/examples"), (code) => code);
  await t.step("are correct by their types", async () => {
    const { success, stderr } = await deno(["check", "--quiet", ...checked]);
    const placed = stderr.replace(/file:\S*example_(\d+)\.ts/g, (_all, index) => blocks[index]!.place);
    if (!success) throw new Error(placed);
  });
  const folder = Deno.makeTempDirSync({ dir: join(root, "tests/dist"), prefix: "examples-" });
  try {
    await using fleet = hasBroker ? await startFleet() : undefined;
    const files = writeExamples(
      folder,
      (code) =>
        code.replaceAll("ws://127.0.0.1:7300", server.url)
          .replaceAll("nats://127.0.0.1:4222", fleet?.broker.url ?? ""),
    );
    await using command = await commandOnPath();
    const env = { EXEC_SERVER_URL: server.url, PATH: command.folder + delimiter + Deno.env.get("PATH") };
    for (const [index, block] of blocks.entries()) {
      if (block.attributes.includes("no-run") || !fleet && block.code.includes("nats://")) continue;
      await t.step(`${block.place} prints what it says`, async () => {
        const { success, stdout, stderr } = await deno(
          ["run", "-A", "--no-check", "--quiet", files[index]!],
          env,
        );
        if (!success) throw new Error(stderr);
        const printed = stdout.split(/[\n,]\s*/).filter((line) => line !== "");
        if (expected(block).length > 0) deepStrictEqual(printed, expected(block));
      });
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("there are examples, and they say what they print", () => {
  if (blocks.length < 5) throw new Error(`There are ${blocks.length}`);
  if (blocks.flatMap(expected).length < 10) throw new Error("They print too little");
});

/** @returns the files */
function writeExamples(folder: string, adapt: (code: string) => string): string[] {
  Deno.mkdirSync(folder, { recursive: true });
  return blocks.map(({ code }, index) => {
    const file = join(folder, `example_${index}.ts`);
    Deno.writeTextFileSync(file, adapt(withModules(code)));
    return file;
  });
}

/** The code with the files of this tree in the place of the package's names. */
function withModules(code: string): string {
  for (const [name, file] of Object.entries(modules)) {
    code = code.replaceAll(`from "${name}"`, `from ${JSON.stringify(pathToFileURL(join(root, file)).href)}`);
  }
  return code;
}

async function startFleet() {
  const broker = await TestBroker.start();
  const host = await TestHost.start(broker, "web1", "--label", "zone=eu");
  return {
    broker,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
    },
  };
}

/** What the comments behind `console.log(...)` say, in order; several lines are parted by commas. */
function expected({ code }: CodeBlock): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].flatMap(([, text]) => text!.split(", "));
}

async function deno(args: string[], env: Record<string, string> = {}) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1", ...env },
    cwd: root,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
