import assert from "node:assert/strict";
import { bun } from "../../scripts/places.ts";
import { TempFolder } from "../support/temp_folder.ts";

const script = `
  import process from "node:process";
  import { hostFacts } from ${JSON.stringify(new URL("../../src/host/facts.ts", import.meta.url).href)};
  process.stdout.write(JSON.stringify(hostFacts()));
`;

const commands: Record<string, [program: string, args: string[]]> = {
  deno: [Deno.execPath(), ["eval", "--no-check", script]],
  bun: [bun, ["-e", script.replaceAll("file://", "")]],
};

for (const [runtime, [program, args]] of Object.entries(commands)) {
  Deno.test(`on ${runtime} a host tells its directories where they are absolute, and otherwise not`, async () => {
    await using folder = new TempFolder();
    // Where the runtimes keep what they compiled must not depend on the home that is made up.
    const own = { NO_COLOR: "1", DENO_DIR: folder.path, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" };
    const facts = async (env: Record<string, string>) => {
      const { stdout, stderr } = await new Deno.Command(program, {
        args,
        cwd: folder.path,
        env: { ...own, ...env },
      }).output();
      const decoder = new TextDecoder();
      assert.equal(decoder.decode(stderr), "");
      return JSON.parse(decoder.decode(stdout));
    };
    const { os, shell, homeDirectory, temporaryDirectory } = await facts({ HOME: "/h", TMPDIR: "/t/" });
    assert.deepEqual({ os, homeDirectory, temporaryDirectory }, {
      os: Deno.build.os === "darwin" ? "macos" : Deno.build.os,
      homeDirectory: "/h",
      temporaryDirectory: "/t/",
    });
    assert.match(shell.path, new RegExp(`^/.*${shell.name}$`));
    const odd = await facts({ HOME: "~", TMPDIR: "here" });
    assert.equal("homeDirectory" in odd || "temporaryDirectory" in odd, false);
  });
}
