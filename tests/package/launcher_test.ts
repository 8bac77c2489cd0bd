import assert from "node:assert/strict";
import { join } from "node:path";
import { buildLibrary } from "../../scripts/npm/library.ts";
import { buildPlatformPackage, findBinary } from "../../scripts/npm/platforms.ts";
import { hostTarget } from "../../scripts/targets.ts";
import { version } from "../../src/version.ts";
import { Project, run, runtimes } from "./installed.ts";

const binary = findBinary(hostTarget());
// deno-lint-ignore no-console -- a test that is left out must not be left out silently
if (!binary) console.error(`NOT TESTED: the launcher, since dist holds no binary for ${hostTarget()}`);

Deno.test({
  name: "the installed launcher",
  ignore: !binary,
  fn: async (test) => {
    await using project = await Project.with(
      buildLibrary,
      (folder) => buildPlatformPackage(hostTarget(), binary!, folder),
    );
    const cwd = project.path;

    await test.step("runs the platform's binary", async () => {
      assert.match(
        await run("npx", ["exec-server", "--version"], { cwd }),
        new RegExp(`^exec-server ${version} `),
      );
      assert.equal(await run("npx", ["exec-server", "run", "--", "echo", "hi"], { cwd }), "hi\n");
    });

    const launcher = join(cwd, "node_modules/exec-server/bin/exec-server.js");
    for (const [name, command] of Object.entries(await runtimes())) {
      if (name === "deno") continue; // It would ask for permissions; npx runs Node.
      const ignore = command.length === 0;
      await test.step({
        name: `passes on standard streams and the exit status, on ${name}`,
        ignore,
        fn: () => passesOnStreams([...command, launcher]),
      });
      await test.step({
        name: `passes on signals and ends as its program does, on ${name}`,
        ignore,
        fn: () => passesOnSignals([...command, launcher]),
      });
    }

    await test.step("says what is missing without the platform's package", async () => {
      await Deno.remove(join(cwd, "node_modules/@exec-server"), { recursive: true });
      const { code, stdout, stderr } = await finish(["node"], [launcher, "--version"]);
      assert.deepEqual({ code, stdout }, { code: 125, stdout: "" });
      assert.match(
        stderr,
        /^exec-server: The binary for \S+ is missing: the package "@exec-server\/\S+" is not installed/,
      );
    });
  },
});

async function passesOnStreams(launcher: string[]): Promise<void> {
  const script = "read line; echo out $line; echo err >&2; exit 7";
  const ended = await finish(launcher, ["run", "--", "sh", "-c", script], "a line\n");
  assert.deepEqual(ended, { code: 7, signal: null, stdout: "out a line\n", stderr: "err\n" });
}

async function passesOnSignals([program, ...first]: string[]): Promise<void> {
  const script = "trap 'echo ended; exit 9' TERM; echo up; while :; do sleep 0.05; done";
  const child = new Deno.Command(program!, {
    args: [...first, "run", "--", "sh", "-c", script],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await lines.read()).value, "up\n");
  child.kill("SIGTERM");
  assert.equal((await lines.read()).value, "ended\n");
  assert.equal((await lines.read()).done, true);
  assert.equal((await child.status).code, 9);
}

async function finish([program, ...first]: string[], args: string[], stdin = "") {
  const child = new Deno.Command(program!, {
    args: [...first, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(stdin));
  await input.close().catch(() => {});
  const { code, signal, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
