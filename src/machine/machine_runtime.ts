import type { ByteCalls } from "../host/byte_calls.ts";
import type { DirectoryNotifier } from "../host/directory_notifier.ts";
import type { ProcessSpawner } from "../host/child_process.ts";

/** What this machine's processes and files need of the runtime that the program runs on. */
export interface MachineRuntime {
  readonly spawner: ProcessSpawner;
  /** This program's environment, with bytes that are not text as path_text.ts says. */
  readonly ownEnvironment: () => Record<string, string>;
  /** Opens the calls for file names that are not text, where the runtime's own file calls cannot take them. */
  readonly openByteCalls?: (() => ByteCalls | undefined) | undefined;
  /** Opens what tells of changes in directories, where the runtime has a way to it that opens nothing else. */
  readonly openNotifier?: (() => DirectoryNotifier | undefined) | undefined;
}

let own: MachineRuntime | undefined;

/** Says which runtime the program runs on. The program's entry does so once, since nothing else may know. */
export function setMachineRuntime(runtime: MachineRuntime): void {
  own = runtime;
}

/**
 * The runtime that the program runs on.
 *
 * @throws {Error} when its entry has not said so
 */
export function machineRuntime(): MachineRuntime {
  if (own) return own;
  throw new Error(
    "This program has not said which runtime it runs on: give one, or call setMachineRuntime first",
  );
}
