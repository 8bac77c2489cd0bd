import * as v from "valibot";
import { fileUri, unsigned } from "./values.ts";

/** Schemas of what a machine tells of itself while it works: all additive. */

/** The server's own name for a process, a UUID. */
const handle = v.string();

export const usageResult = v.object({
  /** Its processors. */
  cpu: v.object({
    /** How many processors it has. */
    cores: unsigned,
    /**
     * The part of them that worked, from 0 to 1: since the answer before on this connection, and in the first since the machine
     * started.
     */
    busy: v.number(),
    /** Milliseconds for which they have worked since it started, all together: with `uptimeMs` for a span of one's own. */
    busyMs: unsigned,
  }),
  /** Its memory. */
  memory: v.object({
    /** Bytes that it has, or that its container may use. */
    total: unsigned,
    /** Bytes that programs could still have without another one losing any. */
    available: unsigned,
  }),
  /** Its file systems on disks, its own and those of other machines; each once, at the place that has the shortest path. */
  disks: v.array(v.object({
    /** Where it is mounted. */
    path: fileUri,
    /** What the system calls its kind, such as `ext4`. */
    type: v.string(),
    /** Bytes that it has; null for one that does not answer. */
    total: v.nullable(unsigned),
    /** Bytes that the server's user could still write; null for one that does not answer. */
    available: v.nullable(unsigned),
  })),
  /** How many processes wanted a processor, on average over 1, 5 and 15 minutes. */
  load: v.array(v.number()),
  /** Milliseconds since it started. */
  uptimeMs: unsigned,
  /**
   * What the processes use that `process/listAll` tells, as long as they have not closed: each with all that is in its session.
   * Absent where the system does not tell.
   */
  processes: v.optional(v.array(v.object({
    /** As `process/listAll` tells it. */
    handle,
    /** Milliseconds of processor time so far, also of those who have ended and were waited for. */
    cpuMs: unsigned,
    /** Bytes of memory that they have now; what several share counts for each of them. */
    rssBytes: unsigned,
    /** How many processes there are in its session. */
    pids: unsigned,
  }))),
});
