import process from "node:process";
import { SHUTDOWN_MS } from "../limits.ts";
import { transfer } from "../machine/local/transfer.ts";
import { ServerError } from "../machine/machine_error.ts";
import { ConnectionError } from "../transport/transport.ts";
import { type CopyEnd, CopyEnds } from "./copy_ends.ts";
import type { CopyPlace } from "./copy_place.ts";
import { CopyProgress } from "./copy_progress.ts";
import { Interrupted, StopSignals } from "./copy_stop.ts";
import { CopyError, type CopyTarget, copyTarget, placeFor } from "./copy_target.ts";
import type { ProgramHost } from "./program_host.ts";
import type { ServerChoice } from "./server_flags.ts";
import type { SshCopyOptions } from "./ssh_copy.ts";
import { visibleText } from "./visible_text.ts";

/** What was given for the flags of `cp`. */
export interface CopyFlags extends ServerChoice, SshCopyOptions {
  readonly recursive: boolean;
  readonly exclude: readonly string[];
  readonly resume: boolean;
  readonly quiet: boolean;
}

/** Copies each of some places to another one. @returns the exit status */
export async function copyAll(
  sources: readonly CopyPlace[],
  target: CopyPlace,
  flags: CopyFlags,
  host: ProgramHost,
): Promise<number> {
  using stop = new StopSignals();
  const ends = new CopyEnds(flags, host);
  const copy = new Copy(ends, flags, stop, host);
  try {
    return await stop.within(copy.run(sources, target), SHUTDOWN_MS);
  } catch (error) {
    if (error instanceof CopyError || error instanceof ServerError) return await copy.fail(error.message);
    if (!(error instanceof Interrupted)) throw error;
    const isStream = [...sources, target].some(({ kind }) => kind === "stream");
    const rest = isStream ? "" : ": what is complete is there; the same command with --resume goes on";
    await copy.say(`interrupted${rest}`);
    return error.status;
  } finally {
    copy.progress?.end();
    await stop.within(ends[Symbol.asyncDispose](), SHUTDOWN_MS).catch(() => {});
  }
}

class Copy {
  readonly progress: CopyProgress | undefined;
  readonly #ends: CopyEnds;
  readonly #flags: CopyFlags;
  readonly #stop: StopSignals;
  readonly #host: ProgramHost;

  constructor(ends: CopyEnds, flags: CopyFlags, stop: StopSignals, host: ProgramHost) {
    this.#ends = ends;
    this.#flags = flags;
    this.#stop = stop;
    this.#host = host;
    this.progress = process.stderr.isTTY && !flags.quiet ? new CopyProgress(host) : undefined;
  }

  async run(sources: readonly CopyPlace[], place: CopyPlace): Promise<number> {
    const [first] = sources;
    if (place.kind === "stream" || first!.kind === "stream") {
      const { packTo, unpackFrom } = await import("./copy_stream.ts");
      if (place.kind !== "stream") {
        return await unpackFrom(process.stdin, await this.#ends.open(place), this.#stop.signal);
      }
      const source = await this.#ends.open(first as Exclude<CopyPlace, { kind: "stream" }>);
      return await packTo(source, { ...this.#flags, signal: this.#stop.signal }, this.#host);
    }
    const target = await copyTarget(await this.#ends.open(place), sources.length);
    let status = 0;
    for (const source of sources as readonly Exclude<CopyPlace, { kind: "stream" }>[]) {
      status = Math.max(status, await this.#copy(await this.#ends.open(source), target));
    }
    return status;
  }

  /** One that is not copied does not keep the others. */
  async #copy(source: CopyEnd, target: CopyTarget): Promise<number> {
    const { exclude, resume } = this.#flags;
    try {
      await transfer(source, await placeFor(source, target, this.#flags), {
        exclude,
        resume,
        onProgress: this.progress?.tell,
        onFileByFile: () =>
          void this.say("this server takes no archives: modes, times and links are not kept"),
        signal: this.#stop.signal,
      });
      return 0;
    } catch (error) {
      if (error instanceof Interrupted || error instanceof ConnectionError) throw error;
      if (!(error instanceof CopyError || error instanceof ServerError)) throw error;
      return await this.fail(`"${source.word}" is not copied: ${error.message}`);
    } finally {
      this.progress?.end();
    }
  }

  async fail(text: string): Promise<number> {
    await this.say(text);
    return 1;
  }

  async say(text: string): Promise<void> {
    this.progress?.end();
    const bytes = new TextEncoder().encode(`exec-server: ${visibleText(text)}\n`);
    await this.#host.writeStandard("stderr", bytes).catch(() => {});
  }
}
