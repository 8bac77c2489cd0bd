/** Sandboxes without another program: the runner makes the namespaces and mounts itself. */
import { existsSync } from "node:fs";
import { getegid, geteuid } from "node:process";
import { childOf } from "../child_of.ts";
import { lastSteps } from "../last_steps.ts";
import type { ComposedStart, Mechanism, StartToCompose } from "../mechanism.ts";
import { lastCapability } from "./drop_capabilities.ts";
import { enterSandbox } from "./enter_sandbox.ts";
import { explainNative } from "./explain_native.ts";

export class NativeMechanism implements Mechanism {
  readonly #machine = {
    uid: geteuid!(),
    gid: getegid!(),
    lastCapability: lastCapability(),
    exists: existsSync,
  };

  /** Who waits outside, and the first one in the namespace. */
  readonly ownProcesses = 2;

  ready(): Promise<void> {
    return Promise.resolve();
  }

  compose(start: StartToCompose): ComposedStart {
    const { processor, plan, program, given, terminal, limits, runner, mountsProc, listens, notified } =
      start;
    const { cwd, env } = program;
    const keptDescriptors = [listens?.socket, notified?.socket].filter((socket) => socket !== undefined);
    const sandbox = { ...this.#machine, plan, cwd, terminal, mountsProc, keptDescriptors, listens };
    const steps = lastSteps({
      processor,
      program: { ...program, env: { ...env, PWD: cwd } },
      given,
      filter: plan.filter,
      limits,
      enter: (list, firstDescriptor) => enterSandbox(list, { ...sandbox, firstDescriptor }),
      group: "size" in program ? "its own, in the foreground" : "its own",
      close: [runner],
      listens,
      notified,
    });
    return {
      first: { program: `/proc/self/fd/${runner}`, argv0: "exec-server", args: [], cwd: "/", env: {} },
      passed: [{ source: runner, number: runner }],
      steps,
      // The child of the first process in the sandbox, which is the child of the one that waits for it.
      program: (pid) => childOf(childOf(pid) ?? NaN),
      explain: (_said, failure) => explainNative(failure),
    };
  }
}
