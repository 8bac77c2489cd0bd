import type { ByteCalls } from "./byte_calls.ts";
import type { ProcessSpawner } from "./child_process.ts";
import type { DescriptorReserve } from "./descriptor_reserve.ts";
import type { Network } from "./network.ts";
import type { DirectoryNotifier } from "./directory_notifier.ts";
import type { HostFacts } from "./facts.ts";

/**
 * This machine, as this program can use it: what it can be asked to do, and what is known of it. There is one for each
 * runtime in `src/runtime`; whoever needs something of the machine is given the host, or the part of it that it needs.
 */
export interface Host {
  /** Finds out what there is to know of it. Whoever needs that longer keeps it. */
  readonly facts: () => HostFacts;
  /** This program's environment, with bytes that are not text as path_text.ts says. */
  readonly environment: () => Record<string, string>;
  /** Starts children. */
  readonly spawner: ProcessSpawner;
  /** Whether children can have a terminal, as far as can be told without starting one. */
  readonly hasTerminals: () => boolean;
  /** Opens the calls for file names that are not text, where the runtime's own file calls cannot take them. */
  readonly openByteCalls?: (() => ByteCalls | undefined) | undefined;
  /** Opens what tells of changes in directories, where the runtime has a way to it that opens nothing else. */
  readonly openNotifier?: (() => DirectoryNotifier | undefined) | undefined;
  /** Opens TCP by which much passes through this program, where the runtime has a quicker way than its own sockets. */
  readonly openNetwork?: (() => Promise<Network | undefined>) | undefined;
  /** The descriptors of this program that are kept back, where they can be counted. */
  readonly descriptors?: (() => DescriptorReserve | undefined) | undefined;
  /** Gives unused memory back to the system. It stops this program for tens of milliseconds. */
  readonly releaseMemory?: (() => Promise<void> | void) | undefined;
}
