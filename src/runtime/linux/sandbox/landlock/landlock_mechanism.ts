/** Sandboxes without namespaces, for policies by which everything may be read and nothing written. */
import { NotConfinedError } from "../../../../host/confinement.ts";
import { dropOwnCapabilities } from "../native/drop_capabilities.ts";
import { lastSteps } from "../last_steps.ts";
import type { ComposedStart, Mechanism, StartToCompose } from "../mechanism.ts";
import { explainLandlock } from "./explain_landlock.ts";
import { addRuleset } from "./ruleset.ts";
import { unsaidBy } from "./unsaid.ts";

/** What programs write to without changing anything. */
const devices = ["null", "zero", "full", "random", "urandom", "tty"].map((name) => `/dev/${name}`);

export class LandlockMechanism implements Mechanism {
  ready(): Promise<void> {
    return Promise.resolve();
  }

  /** @throws {NotConfinedError} for a plan that Landlock cannot carry out */
  compose(
    { processor, plan, program, given, terminal, limits, runner, notified }: StartToCompose,
  ): ComposedStart {
    const unsaid = unsaidBy(plan);
    if (unsaid !== undefined) {
      throw new NotConfinedError(
        `Landlock cannot ${unsaid}`,
        "with --sandbox-mechanism landlock, ask for a policy that lets everything be read and nothing be written, " +
          "or serve with bwrap or native",
      );
    }
    const steps = lastSteps({
      processor,
      program: { ...program, env: { ...program.env, PWD: program.cwd } },
      given,
      filter: plan.filter,
      filterAddition: "withoutNamespaces",
      limits,
      restrict(list, firstOther) {
        addRuleset(list, terminal === undefined ? devices : [...devices, terminal], firstOther);
        dropOwnCapabilities(list);
      },
      group: "as it is",
      close: [runner],
      notified,
    });
    return {
      first: { ...program, program: `/proc/self/fd/${runner}`, argv0: "exec-server", args: [], env: {} },
      passed: [{ source: runner, number: runner }],
      steps,
      explain: (_said, failure) => explainLandlock(failure),
    };
  }
}
