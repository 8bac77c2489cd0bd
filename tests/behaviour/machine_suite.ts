/**
 * What every machine's files and HTTP requests do, as one list of behaviours: the same for this machine and for that of
 * any server. `machine_test.ts` runs the list against each.
 */
import type { Environment } from "../../src/machine/environment.ts";
import type { HttpPeer } from "../support/http_peer.ts";
import { directoryBehaviours } from "./suite/directories.ts";
import { fileBehaviours } from "./suite/files.ts";
import { fileStreamBehaviours } from "./suite/file_streams.ts";
import { httpBehaviours } from "./suite/http.ts";
import { httpStreamBehaviours } from "./suite/http_streams.ts";
import { machineBehaviours } from "./suite/machine.ts";
import { peopleFileBehaviours } from "./suite/people_files.ts";
import { runBehaviours } from "./suite/run.ts";
import { transferBehaviours } from "./suite/transfers.ts";
import { watchBehaviours } from "./suite/watches.ts";

/** What a behaviour is shown with. */
export interface Scene {
  readonly machine: Environment;
  /** A fresh folder, which the machine has under the same path. */
  readonly folder: string;
  /** A web server that the machine reaches. */
  readonly peer: HttpPeer;
}

/** One behaviour: a sentence, and what shows it. */
export interface MachineBehaviour {
  readonly name: string;
  readonly shows: (scene: Scene) => Promise<void>;
}

/** Behaviours by their sentences. */
export type MachineBehaviours = Readonly<Record<string, MachineBehaviour["shows"]>>;

export const machineSuite: readonly MachineBehaviour[] = Object.entries({
  ...fileBehaviours,
  ...fileStreamBehaviours,
  ...directoryBehaviours,
  ...watchBehaviours,
  ...httpBehaviours,
  ...httpStreamBehaviours,
  ...peopleFileBehaviours,
  ...transferBehaviours,
  ...runBehaviours,
  ...machineBehaviours,
}).map(([name, shows]) => ({ name, shows }));
