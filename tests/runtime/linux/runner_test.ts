import assert from "node:assert/strict";
import { join } from "node:path";
import { CallList } from "../../../src/runtime/linux/runner/call_list.ts";
import { runnerProgram } from "../../../src/runtime/linux/runner/program.ts";
import { type Processor, thisProcessor } from "../../../src/runtime/linux/runner/system_calls.ts";
import { TempFolder } from "../../support/temp_folder.ts";

/** Programs that run those of another processor. */
const emulators: Record<Processor, string> = { x86_64: "qemu-x86_64", aarch64: "qemu-aarch64" };

function isThere(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    return Deno.statSync(folder).isDirectory &&
      [...Deno.readDirSync(folder)].some(({ name }) => name === program);
  });
}

/** What a list of calls does when a runner makes them. */
async function run(processor: Processor, list: CallList) {
  await using folder = new TempFolder();
  const runner = await folder.write("runner", runnerProgram(processor));
  await Deno.chmod(runner, 0o755);
  const calls = await folder.write("list", list.encode());
  const report = join(folder.path, "report");
  const start = processor === thisProcessor ? runner : `${emulators[processor]} ${runner}`;
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", `exec ${start} 3<"$0" 4>"$1"`, calls, report],
    stdout: "piped",
  }).output();
  const said = await Deno.readFile(report);
  return {
    code,
    stdout: new TextDecoder().decode(stdout),
    failure: said.length > 0 ? list.failure(said) : undefined,
  };
}

for (const processor of ["x86_64", "aarch64"] as const) {
  const ignore = Deno.build.os !== "linux" ||
    (processor !== thisProcessor && !safely(() => isThere(emulators[processor])));

  Deno.test({
    name: `the runner on ${processor} makes calls in their order, and runs a program`,
    ignore,
    async fn() {
      const list = new CallList(processor);
      list.attempt("close", 99).call("write", 1, list.text("first\n"), 6);
      list.call(
        "execve",
        list.text("/bin/sh"),
        list.texts(["sh", "-c", "echo $0 $X"]),
        list.texts(["X=y z"]),
      );
      assert.deepEqual(await run(processor, list), {
        code: 0,
        stdout: "sh y z\n".replace(/^/, "first\n"),
        failure: undefined,
      });
    },
  });

  Deno.test({
    name: `the runner on ${processor} reports the call that fails, and makes none after it`,
    ignore,
    async fn() {
      const list = new CallList(processor);
      list.attempt("close", 99).to("to try").call("close", 98).to("else").call(
        "write",
        1,
        list.text("no"),
        2,
      );
      assert.deepEqual(await run(processor, list), {
        code: 127,
        stdout: "",
        failure: { call: "close", errno: 9, purpose: "to try" },
      });
    },
  });

  for (
    const [how, script, status] of [
      ["exits", "exit 300", 44],
      ["is killed", "kill -9 $$", 137],
      ["leaves others behind", "(sleep 0.01 &) ; (exit 3) ; exit 9", 9],
    ] as const
  ) {
    Deno.test({
      name: `the runner on ${processor} forks, and ends as its child does that ${how}`,
      ignore,
      async fn() {
        const list = new CallList(processor);
        // So that what they leave behind comes to it; an emulator knows no such thing.
        list.attempt("prctl", 36, 1, 0, 0, 0).fork().call("write", 1, list.text("once\n"), 5).fork();
        list.call("execve", list.text("/bin/sh"), list.texts(["sh", "-c", script]), list.texts([]));
        const { code, stdout, failure } = await run(processor, list);
        assert.deepEqual([code, stdout, failure], [status, "once\n", undefined]);
      },
    });
  }

  Deno.test({
    name: `the runner on ${processor} reports what fails behind a fork`,
    ignore,
    async fn() {
      const list = new CallList(processor);
      list.fork().to("to try").call("close", 98);
      assert.deepEqual(await run(processor, list), {
        code: 127,
        stdout: "",
        failure: { call: "close", errno: 9, purpose: "to try" },
      });
    },
  });

  Deno.test({
    name: `the runner on ${processor} reports to where a list says by then`,
    ignore,
    async fn() {
      const list = new CallList(processor);
      // What was the descriptor for reports is another one's from there on.
      list.call("dup3", list.report, 70, 0).reportTo(70).call("dup3", 1, list.report, 0)
        .call("write", list.report, list.text("output\n"), 7).call("close", 98);
      assert.deepEqual(await run(processor, list), {
        code: 127,
        stdout: "output\n",
        failure: { call: "close", errno: 9, purpose: "" },
      });
    },
  });

  Deno.test({
    name: `the runner on ${processor} reads a list that is longer than one read`,
    ignore,
    async fn() {
      const list = new CallList(processor);
      const words = list.texts(Array.from({ length: 20_000 }, (_, n) => `argument ${n}`));
      void words;
      list.call("write", 1, list.text("end\n"), 4).call("exit_group", 5);
      const { code, stdout } = await run(processor, list);
      assert.deepEqual([code, stdout], [5, "end\n"]);
    },
  });
}

Deno.test("a list that no program could be given is refused as the kernel would", () => {
  const list = new CallList("x86_64");
  list.text("x".repeat(5_000_000));
  assert.throws(() => list.encode(), { code: "E2BIG" });
});

function safely(look: () => boolean): boolean {
  try {
    return look();
  } catch {
    return false;
  }
}
