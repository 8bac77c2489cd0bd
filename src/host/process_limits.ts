/** What this machine is asked for where a child is to have no more than so much of something: data, whoever enforces it. */

import type { LimitName } from "../protocol/schemas/process.ts";

export type { LimitName };

/** What a process may use, of what is limited. What is absent is not limited. */
export interface ProcessLimits {
  /** Bytes of memory of everything in it together. */
  readonly memoryBytes?: number | undefined;
  /** Seconds of processor time: of each of its processes, and where groups of processes are counted, of all together. */
  readonly cpuSeconds?: number | undefined;
  /** Processes and threads at once, itself included. */
  readonly processes?: number | undefined;
  /** Descriptors of each of its processes. */
  readonly openFiles?: number | undefined;
  /** Bytes of each file that it writes. */
  readonly fileBytes?: number | undefined;
  /** Milliseconds from its start to its end. */
  readonly wallMs?: number | undefined;
}

/** All of them. */
export const limitNames: readonly LimitName[] = [
  "memoryBytes",
  "cpuSeconds",
  "processes",
  "openFiles",
  "fileBytes",
  "wallMs",
];

/** By what a limit is enforced here, or why it is not and what helps. */
export type LimitSupport = { readonly by: string } | { readonly reason: string; readonly remedy: string };

/** The limits that one child runs under. */
export interface HeldLimits {
  /** What was asked for. */
  readonly asked: ProcessLimits;
  /** Seconds of processor time that everything in it has used; undefined where nothing counts them. */
  cpuSeconds(): number | undefined;
  /** Those that the kernel has refused something for, or ended something. */
  breached(): readonly LimitName[];
  /** Kills whatever is in it, also what has left its session. */
  kill(): void;
  /** It has ended: what was made for it goes, once nothing is in it. */
  release(): void;
}

/** Limits that somebody sees to, from the start of a process to its end. */
export interface WatchedLimits {
  /**
   * Which limit ended it, or refused it something; undefined where none did.
   *
   * @param cpuSeconds what it has used of processor time, where somebody counted
   */
  met(exitCode: number, cpuSeconds: number | undefined): LimitName | undefined;
  /** See {@linkcode HeldLimits}. */
  kill(): void;
  /** See {@linkcode HeldLimits}. */
  release(): void;
}

/** A limit cannot be enforced here; the message says why and what helps. */
export class UnenforceableLimitError extends Error {
  override readonly name = "UnenforceableLimitError";
  /** Without a full stop. */
  readonly reason: string;
  /** What helps, without a full stop. */
  readonly remedy: string;

  constructor(limit: LimitName, { reason, remedy }: { readonly reason: string; readonly remedy: string }) {
    super(`This server cannot enforce the limit ${limit}: ${reason}; ${remedy}`);
    this.reason = reason;
    this.remedy = remedy;
  }
}
