import type { ConfinedStarts } from "../host/child_process.ts";
import { type SandboxMechanism, sandboxMechanisms } from "../host/confinement.ts";
import type { Finding } from "./doctor_finding.ts";
import type { ProgramHost } from "./program_host.ts";

/** Tries each way to make a sandbox, and tells which one works. */
export async function checkSandbox({ spawner }: Pick<ProgramHost, "spawner">): Promise<Finding> {
  const { confined } = spawner;
  if (!confined) {
    return { bad: "there are no sandboxes on this system", remedy: "processes run unconfined all the same" };
  }
  const reasons = new Map<SandboxMechanism, string>();
  for (const mechanism of sandboxMechanisms) {
    confined.useMechanism(mechanism);
    const reason = await failure(confined);
    if (reason !== undefined) reasons.set(mechanism, reason);
  }
  confined.useMechanism("bwrap");
  return finding(reasons);
}

function finding(reasons: ReadonlyMap<SandboxMechanism, string>): Finding {
  const [bwrap, native, landlock] = sandboxMechanisms.map((mechanism) => reasons.get(mechanism));
  const readOnly = landlock === undefined
    ? "for read-only policies --sandbox-mechanism landlock works"
    : `not by Landlock: ${landlock}`;
  if (bwrap === undefined) {
    const other = native === undefined ? ", and by --sandbox-mechanism native" : `; not natively: ${native}`;
    return { good: `a test program ran in one, by bubblewrap${other}; ${readOnly}` };
  }
  if (native === undefined) {
    return { bad: bwrap, remedy: "serve --sandbox-mechanism native does without, and works here" };
  }
  const both = native === bwrap ? bwrap : `${bwrap}; natively: ${native}`;
  if (landlock === undefined) {
    return {
      bad: both,
      remedy:
        "until then, serve --sandbox-mechanism landlock works here for policies that let nothing be written",
    };
  }
  return {
    bad: `${both}; ${readOnly}`,
    remedy: "until then, only starts that ask for no sandbox of their files work",
  };
}

/** Why a test program did not run in a sandbox; undefined where it did. */
async function failure(confined: ConfinedStarts): Promise<string | undefined> {
  try {
    const child = await confined.start({
      plan: { grade: "full", root: "readOnly", mounts: [], hasNetwork: false, filter: "noNetwork" },
      child: { program: "/bin/sh", argv0: "sh", args: ["-c", "exit 7"], cwd: "/", env: {}, stdin: "null" },
    });
    const { code } = await child.exit;
    for (const { source } of child.outputs) source.cancel();
    return code === 7 ? undefined : `a test program ended with ${code} instead of 7`;
  } catch (error) {
    return (error as Error).message.replace(/^This server cannot confine a process: /, "");
  }
}
