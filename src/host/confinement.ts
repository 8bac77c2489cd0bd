/** What this machine is asked for where a child is to be confined: data, whoever does it and however. */

/** How much is taken away. */
export type Grade =
  /** Nothing. */
  | "none"
  /** System calls of the network; files, namespaces and capabilities are the server's. */
  | "systemCalls"
  /** Everything that the policy does not give. */
  | "full";

/** Something that is mounted in the confined one's own view of the files. Each covers what stands before it. */
export type Mount =
  /** The machine's own directory, or file. */
  | { readonly kind: "writable" | "readOnly"; readonly path: string; readonly isFile?: boolean }
  /** A file that may not be read. */
  | { readonly kind: "hiddenFile"; readonly path: string }
  /** An empty directory that may not be listed. `isPassage`: it may be passed, because something below it is open. */
  | { readonly kind: "hiddenDirectory"; readonly path: string; readonly isPassage: boolean }
  /** What stands where nothing may be made. */
  | { readonly kind: "emptyFile" | "emptyDirectory"; readonly path: string }
  /** A symbolic link. */
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/** Which system calls are refused. */
export type FilterName =
  /** Those that reach any network, Unix sockets included, and those that lead around the sandbox. */
  | "noNetwork"
  /** Those that lead around the sandbox. */
  | "network"
  /** The same, and those of all sockets but of the internet: its own network leads nowhere but to a proxy. */
  | "ownNetwork"
  /** The same, with Unix sockets. */
  | "ownNetworkAndUnixSockets";

/**
 * The ways to make a sandbox: by the program bubblewrap, by this program itself, or, for what may read everything and write
 * nothing, by the kernel's Landlock.
 */
export const sandboxMechanisms = ["bwrap", "native", "landlock"] as const;

export type SandboxMechanism = typeof sandboxMechanisms[number];

/** What is to be done to confine a child. */
export interface Plan {
  readonly grade: Grade;
  /** What there is where nothing is mounted: the machine's files, or nothing. */
  readonly root: "readOnly" | "writable" | "empty";
  /** In the order in which they are made. */
  readonly mounts: readonly Mount[];
  /** Whether it keeps the machine's network. */
  readonly hasNetwork: boolean;
  readonly filter: FilterName | undefined;
  /** Ports of its own loopback address that this program listens on; none by default. */
  readonly listens?: readonly number[] | undefined;
  /** Whether all that it connects to, beyond that address, ends at this program; it leads nowhere by default. */
  readonly isTransparent?: boolean | undefined;
}

/** What an error is made with. */
export interface NotConfinedOptions extends ErrorOptions {
  /** False by default. */
  readonly isStale?: boolean;
}

/** This machine does not confine a process as it is asked to; the message says why and what helps. */
export class NotConfinedError extends Error {
  override readonly name = "NotConfinedError";
  /** Whether the plan names what is not there any more, so that another one may do. */
  readonly isStale: boolean;
  readonly reason: string;
  readonly remedy: string;

  /**
   * @param reason without a full stop
   * @param remedy what helps, without a full stop
   */
  constructor(reason: string, remedy: string, options: NotConfinedOptions = {}) {
    super(`This server cannot confine a process: ${reason}; ${remedy}`, options);
    this.reason = reason;
    this.remedy = remedy;
    this.isStale = options.isStale ?? false;
  }
}
