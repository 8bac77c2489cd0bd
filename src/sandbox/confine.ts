import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { PathSet } from "../host/child_process.ts";
import type { Plan } from "../host/confinement.ts";
import { without } from "./disk_view.ts";
import { planOf } from "./plan.ts";
import type { Policy } from "./policy.ts";
import { resolvePolicy } from "./resolve_policy.ts";
import { UnenforceableError } from "./unenforceable_error.ts";

/** What is to be confined. */
export interface Confined {
  /** Absolute path of the directory that it starts in. */
  readonly cwd: string;
  /** Its `TMPDIR`. */
  readonly temporaryDirectory: string | undefined;
  /** The server's home. */
  readonly home: string | undefined;
  /** Paths that are to be taken for missing, whatever stands there. */
  readonly missing: PathSet;
}

/** What is to be done to confine a process. */
export interface Confinement {
  readonly plan: Plan;
  /** The directory that it starts in, by a path that is there in its own view. */
  readonly cwd: string;
}

/**
 * Makes the plan that confines a process to a policy.
 *
 * @throws {UnenforceableError} that says what of it cannot be obeyed
 */
export async function confine(policy: Policy, process: Confined): Promise<Confinement> {
  const { cwd, temporaryDirectory, home, missing } = process;
  const resolved = await resolvePolicy(policy, {
    // An empty one names nothing.
    temporaryDirectory: temporaryDirectory ? resolve(cwd, temporaryDirectory) : undefined,
    home,
  }, without(missing));
  const plan = planOf(resolved);
  if (plan.grade !== "full") return { plan, cwd };
  const real = await realpath(cwd);
  const { class: found, isPassage } = resolved.places.at(real);
  if ((found === "denied" || found === "absent") && !isPassage) {
    throw new UnenforceableError(`the policy hides the directory to start in, ${cwd}: let it be read`);
  }
  return { plan, cwd: plan.root === "empty" ? real : cwd };
}
