/** Takes system calls away, and nothing else: the program is what the runner becomes. */
import { NotConfinedError } from "../../../host/confinement.ts";
import { failureText } from "./failure_text.ts";
import { lastSteps } from "./last_steps.ts";
import type { Mechanism } from "./mechanism.ts";

export const filterMechanism: Mechanism = {
  ready: () => Promise.resolve(),
  compose: ({ processor, plan, program, given, limits, runner, notified }) => ({
    first: { ...program, program: `/proc/self/fd/${runner}`, argv0: "exec-server", args: [], env: {} },
    passed: [{ source: runner, number: runner }],
    steps: lastSteps({
      processor,
      program,
      given,
      filter: plan.filter,
      limits,
      group: "as it is",
      close: [runner],
      notified,
    }),
    explain: (_said, failure) =>
      new NotConfinedError(
        failure ? failureText(failure) : "it ended before the program ran",
        "`exec-server doctor` tells what this machine lacks",
      ),
  }),
};
