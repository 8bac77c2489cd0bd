/** How much of a machine is in use, and by which processes. */
export interface MachineUsage {
  readonly cpu: {
    /** How many processors it has. */
    readonly cores: number;
    /** The part of them that worked since the look before, from 0 to 1; in the first since the machine started. */
    readonly busy: number;
    /** Milliseconds for which they have worked since it started, all together. */
    readonly busyMs: number;
  };
  /** In bytes. */
  readonly memory: { readonly total: number; readonly available: number };
  readonly disks: readonly DiskUsage[];
  /** How many processes wanted a processor, on average over 1, 5 and 15 minutes. */
  readonly load: readonly number[];
  /** Milliseconds since it started. */
  readonly uptimeMs: number;
  /** Those that have not closed; undefined where the system does not tell. */
  readonly processes: readonly ProcessUsage[] | undefined;
}

/** How full a file system is, in bytes. */
export interface DiskUsage {
  /** Where it is mounted. */
  readonly path: string;
  /** What the system calls its kind. */
  readonly type: string;
  /** Null for one that does not answer. */
  readonly total: number | null;
  /** What this program's user could still write; null for one that does not answer. */
  readonly available: number | null;
}

/** What a process uses, with all that is in its session. */
export interface ProcessUsage {
  readonly handle: string;
  /** Milliseconds of processor time so far, also of those who have ended and were waited for. */
  readonly cpuMs: number;
  /** Bytes of memory that they have now. */
  readonly rssBytes: number;
  /** How many processes there are in its session. */
  readonly pids: number;
}
