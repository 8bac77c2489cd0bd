import assert from "node:assert/strict";
import { checkSandbox } from "../../src/cli/check_sandbox.ts";
import { NotConfinedError, type SandboxMechanism } from "../../src/host/confinement.ts";
import type { ProgramHost } from "../../src/cli/program_host.ts";

/** A machine on which some ways to make a sandbox work. */
function machine(...working: SandboxMechanism[]): Pick<ProgramHost, "spawner"> {
  let used: SandboxMechanism = "bwrap";
  const confined = {
    useMechanism: (mechanism: SandboxMechanism) => void (used = mechanism),
    start() {
      if (working.includes(used)) return Promise.resolve({ exit: { code: 7 }, outputs: [] });
      return Promise.reject(new NotConfinedError(`no ${used}`, `get ${used}`));
    },
  };
  return { spawner: { confined } } as unknown as Pick<ProgramHost, "spawner">;
}

Deno.test("each way to make a sandbox is tried, and the reason told where one does not work", async () => {
  assert.deepEqual(await checkSandbox(machine("bwrap", "native", "landlock")), {
    good: "a test program ran in one, by bubblewrap, and by --sandbox-mechanism native; " +
      "for read-only policies --sandbox-mechanism landlock works",
  });
  assert.deepEqual(await checkSandbox(machine("bwrap")), {
    good: "a test program ran in one, by bubblewrap; not natively: no native; get native; " +
      "not by Landlock: no landlock; get landlock",
  });
  assert.deepEqual(await checkSandbox(machine("native")), {
    bad: "no bwrap; get bwrap",
    remedy: "serve --sandbox-mechanism native does without, and works here",
  });
  assert.deepEqual(await checkSandbox(machine("landlock")), {
    bad: "no bwrap; get bwrap; natively: no native; get native",
    remedy:
      "until then, serve --sandbox-mechanism landlock works here for policies that let nothing be written",
  });
  assert.match(
    JSON.stringify(await checkSandbox(machine())),
    /"bad":"no bwrap; get bwrap; natively: no native; get native; not by Landlock: no landlock/,
  );
});
