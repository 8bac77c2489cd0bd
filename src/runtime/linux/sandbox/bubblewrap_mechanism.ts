/** Sandboxes by bubblewrap, with the runner as the last thing before the program. */
import type { Native } from "../../posix/native.ts";
import { PipeOutput } from "../../posix/pipe_output.ts";
import { bubblewrapOptions } from "./bubblewrap.ts";
import { type Bubblewrap, explainBubblewrap, findBubblewrap } from "./bubblewrap_program.ts";
import { childOf } from "./child_of.ts";
import { failureText } from "./failure_text.ts";
import { lastSteps } from "./last_steps.ts";
import type { OwnDescriptors } from "./own_descriptors.ts";
import { enterCaughtNetwork } from "./transparent/enter_caught_network.ts";
import { explainTransparent } from "./transparent/explain_transparent.ts";
import { resolverFile, resolverText } from "./transparent/resolver_file.ts";
import type { ComposedStart, Mechanism, StartToCompose } from "./mechanism.ts";
import { memoryFile } from "./memory_file.ts";

export class BubblewrapMechanism implements Mechanism {
  readonly #native: Native;
  readonly #path: string | undefined;
  #found: Bubblewrap | undefined;

  /** @param path where it lies, instead of where it is looked for */
  constructor(native: Native, path?: string) {
    this.#native = native;
    this.#path = path;
  }

  async ready(): Promise<void> {
    this.#found ??= await findBubblewrap(this.#path);
  }

  compose(start: StartToCompose): ComposedStart {
    const { processor, plan, program, given, limits, descriptors, mountsProc, listens, notified } = start;
    const { libc, poller } = this.#native;
    const found = this.#found!;
    // What comes before it counts on the lowest numbers.
    const place = (descriptor: number) => plan.isTransparent ? descriptors.duplicate(descriptor) : descriptor;
    const runner = place(start.runner);
    const info = descriptors.pipe();
    const told = place(info.write);
    const names = plan.isTransparent ? resolverFile() : undefined;
    const text = names === undefined
      ? undefined
      : { path: names, descriptor: place(this.#memory(descriptors, resolverText)) };
    const options = [
      ...bubblewrapOptions(plan, program.cwd, { ...found, mountsProc, text }),
      ...["--info-fd", String(told)],
    ];
    const args = place(this.#memory(descriptors, options.map((option) => option + "\0").join("")));
    const argv = ["--args", String(args), "--", `/proc/self/fd/${runner}`];
    const steps = lastSteps({
      processor,
      program: { ...program, env: { ...program.env, PWD: program.cwd } },
      given,
      filter: plan.filter,
      limits,
      before: plan.isTransparent && listens
        ? (list, firstOther) => enterCaughtNetwork(list, listens, firstOther, [found.path, "bwrap", ...argv])
        : undefined,
      group: "size" in program ? "its own, in the foreground" : "its own",
      close: [runner, told],
      listens,
      notified,
    });
    let init: Promise<number> | undefined;
    let output: PipeOutput | undefined;
    const passed = [runner, args, told, ...text ? [text.descriptor] : []];
    return {
      // Where the server is does not matter to it, and may be gone.
      first: plan.isTransparent
        ? { program: `/proc/self/fd/${runner}`, argv0: "exec-server", args: [], cwd: "/", env: {} }
        : { program: found.path, argv0: "bwrap", args: argv, cwd: "/", env: {} },
      passed: passed.map((descriptor) => ({ source: descriptor, number: descriptor })),
      steps,
      started() {
        descriptors.handOver(info.read);
        output = new PipeOutput(libc, poller, info.read);
        init = initOf(output);
      },
      program: async () => childOf(await init!),
      done: () => output?.cancel(),
      explain: (said, failure) =>
        explainTransparent(failure) ?? explainBubblewrap(failure ? failureText(failure) : said),
    };
  }

  #memory(descriptors: OwnDescriptors, text: string): number {
    return descriptors.add(memoryFile(this.#native.libc, new TextEncoder().encode(text), "data"));
  }
}

/** The machine's number of bubblewrap's process in the namespace. */
async function initOf(info: PipeOutput): Promise<number> {
  let said = "";
  for (let more = await info.read(256); more !== null; more = await info.read(256)) {
    said += new TextDecoder().decode(more);
    if (said.includes("}")) break;
  }
  return Number(/"child-pid": (\d+)/.exec(said)?.[1]);
}
