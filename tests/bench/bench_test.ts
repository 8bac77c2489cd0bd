import { deepEqual, equal, match, ok } from "node:assert/strict";
import { installed } from "../../scripts/bench/installed.ts";
import type { Report } from "../../scripts/bench/report.ts";

async function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "scripts/bench/main.ts", ...args],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}

Deno.test("the bench measures this server and its floors, and prints JSON", async () => {
  const { code, stdout, stderr } = await bench(
    ...["--quick", "--json", "--only", "^round trip$", "--contender", "^(Deno|Bun|bare socket, .*)$"],
  );
  equal(code, 0, stderr);
  const { samples, failures, machine, command }: Report = JSON.parse(stdout);
  deepEqual(failures, []);
  deepEqual(samples.map(({ metric }) => metric.name), ["round trip"]);
  const [{ values }] = samples as [Report["samples"][number]];
  deepEqual(Object.keys(values).sort(), ["Bun", "Deno", "bare socket, Bun", "bare socket, Deno"]);
  ok(Object.values(values).flat().every((time) => time > 0));
  match(machine.date, /^\d{4}-\d\d-\d\d$/);
  match(command, /^deno task bench --quick --only /);
});

Deno.test({
  name: "every round has an ssh connection of its own",
  ignore: !installed("sshd") || !installed("ssh"),
  async fn() {
    const { stdout } = await bench(
      ...["--quick", "--json", "--rounds", "3", "--only", "^many short lines$", "--contender", "^sshd$"],
    );
    const { samples, failures }: Report = JSON.parse(stdout);
    deepEqual(failures, []);
    equal(samples[0]!.values.sshd!.length, 3);
  },
});

Deno.test("the bench refuses what it does not know", async () => {
  const unknown = await bench("--fast");
  deepEqual([unknown.code, unknown.stderr], [2, "Unknown option '--fast'\n"]);
  const nothing = await bench("--only", "nothing");
  equal(nothing.code, 2);
  match(nothing.stderr, /--only chooses nothing of:\n {2}start\n/);
});
