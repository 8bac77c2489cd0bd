import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { SPOOL_SEGMENT_BYTES } from "../limits.ts";
import type { OutputLog } from "../log/output_log.ts";
import type { Logger } from "../observe/logger.ts";
import { isAbandoned, own } from "./folder_owner.ts";
import { ProcessSpool } from "./process_spool.ts";
import type { Segment } from "./segment.ts";

/** Where output goes that memory has no room for, and how much of it. */
export interface SpoolOptions {
  /** A folder of which this program makes one of its own. */
  readonly folder: string;
  /** Bytes of one process's output on disk. */
  readonly processBytes: number;
  /** Bytes of the output of all processes on disk. */
  readonly totalBytes: number;
  /** Milliseconds for which a process's output stays on disk once that has closed; as long as it is known by default. */
  readonly keepMs?: number | undefined;
  readonly logger: Logger;
}

/** The output of all processes that memory has no room for, in files that only this program's user may read. */
export class Spool implements AsyncDisposable {
  readonly #folder: string;
  readonly #options: SpoolOptions;
  readonly #processes = new Set<ProcessSpool>();
  /** What is being removed of processes that are forgotten. */
  readonly #ending = new Set<Promise<void>>();
  /** Every segment and whose it is, the oldest in front. */
  readonly #segments = new Map<Segment, ProcessSpool>();
  #totalBytes = 0;
  #files = 0;

  private constructor(folder: string, options: SpoolOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /**
   * Makes a folder of this program's own, and removes those that programs left behind which ended without a word.
   *
   * @throws {Error} the operating system's, where nothing can be written there
   */
  static async open(options: SpoolOptions): Promise<Spool> {
    const folder = join(options.folder, `exec-server-${randomUUID()}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await own(folder);
    await removeLeftovers(options.folder).catch((error: Error) =>
      options.logger.warn("spool leftovers", { folder: options.folder, reason: error.message })
    );
    return new Spool(folder, options);
  }

  /** Follows a process. @param handle its name in the log */
  follow(handle: string, log: OutputLog): ProcessSpool {
    const { processBytes, logger } = this.#options;
    const spool = new ProcessSpool(log, {
      segmentBytes: Math.min(SPOOL_SEGMENT_BYTES, Math.ceil(processBytes / 4)),
      newPath: () => join(this.#folder, `${handle}.${++this.#files}`),
      grown: (spool, segment, bytes) => this.#grown(spool, segment, bytes),
      shrunk: (segment) => this.#shrunk(segment),
      failed: (error) =>
        logger.error("spool ended", {
          process: handle,
          reason: error.message,
          remedy: "the process goes on; older output is lost from now on",
        }),
    });
    this.#processes.add(spool);
    return spool;
  }

  /** See {@linkcode SpoolOptions}. */
  get keepMs(): number | undefined {
    return this.#options.keepMs;
  }

  /** A process is forgotten, or its output has been kept for long enough: its files go. Idempotent. */
  forget(spool: ProcessSpool): void {
    if (!this.#processes.delete(spool)) return;
    const ending = spool.dispose().catch(() => {}) // What stays is removed with the folder.
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const spool of this.#processes) this.forget(spool);
    // Whoever removes a folder while files in it come and go may fail.
    await Promise.all(this.#ending);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #grown(spool: ProcessSpool, segment: Segment, bytes: number): void {
    this.#segments.set(segment, spool);
    this.#totalBytes += bytes;
    const { processBytes, totalBytes } = this.#options;
    if (spool.bytes > processBytes) this.#drop(spool);
    for (const [, oldest] of this.#segments) {
      if (this.#totalBytes <= totalBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(spool: ProcessSpool): void {
    spool.dropOldest().catch((error: Error) =>
      this.#options.logger.warn("spool file not removed", { reason: error.message })
    );
  }

  #shrunk(segment: Segment): void {
    if (this.#segments.delete(segment)) this.#totalBytes -= segment.bytes;
  }
}

async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const folder = join(parent, name);
    if (!isOurs.test(name) || !await isAbandoned(folder).catch(() => false)) continue;
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a program calls its folder. */
const isOurs = /^exec-server-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
