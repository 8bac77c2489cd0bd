/** Sandboxes by bubblewrap, with the runner as the last thing before the program. */
import type { Native } from "../../posix/native.ts";
import { PipeOutput } from "../../posix/pipe_output.ts";
import { bubblewrapOptions } from "./bubblewrap.ts";
import { type Bubblewrap, explainBubblewrap, findBubblewrap } from "./bubblewrap_program.ts";
import { childOf } from "./child_of.ts";
import { failureText } from "./failure_text.ts";
import { lastSteps } from "./last_steps.ts";
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
    const { processor, plan, program, limits, runner, descriptors, mountsProc, listens, notified } = start;
    const { libc, poller } = this.#native;
    const found = this.#found!;
    const info = descriptors.pipe();
    const onTerminal = "size" in program;
    const steps = lastSteps({
      processor,
      program: { ...program, env: { ...program.env, PWD: program.cwd } },
      filter: plan.filter,
      limits,
      group: onTerminal ? "its own, in the foreground" : "its own",
      close: [runner, info.write],
      listens,
      notified,
    });
    const options = [
      ...bubblewrapOptions(plan, program.cwd, { ...found, mountsProc }),
      ...["--info-fd", String(info.write)],
    ];
    const text = new TextEncoder().encode(options.map((option) => option + "\0").join(""));
    const args = descriptors.add(memoryFile(libc, text, "data"));
    let init: Promise<number> | undefined;
    let told: PipeOutput | undefined;
    return {
      // Where the server is does not matter to it, and may be gone.
      first: {
        program: found.path,
        argv0: "bwrap",
        args: ["--args", String(args), "--", `/proc/self/fd/${runner}`],
        cwd: "/",
        env: {},
      },
      passed: [runner, args, info.write].map((descriptor) => ({ source: descriptor, number: descriptor })),
      steps,
      started() {
        descriptors.handOver(info.read);
        told = new PipeOutput(libc, poller, info.read);
        init = initOf(told);
      },
      program: async () => childOf(await init!),
      done: () => told?.cancel(),
      explain: (said, failure) => explainBubblewrap(failure ? failureText(failure) : said),
    };
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
