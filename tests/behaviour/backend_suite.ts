/**
 * What every backend does, as one list of behaviours: the same for processes of this machine and of any server.
 * `backend_test.ts` runs the list against each.
 */
import type { ExecBackend } from "../../src/machine/exec_backend.ts";
import { misuseBehaviours } from "./suite/misuse.ts";
import { processBehaviours } from "./suite/process.ts";
import { descriptorBehaviours } from "./suite/descriptors.ts";
import { environmentBehaviours } from "./suite/environment.ts";
import { eventBehaviours } from "./suite/events.ts";
import { inputBehaviours } from "./suite/input.ts";
import { readBehaviours } from "./suite/read.ts";
import { signalBehaviours } from "./suite/signals.ts";
import { terminalBehaviours } from "./suite/terminal.ts";
import { unifiedBehaviours } from "./suite/unified.ts";

/** One behaviour: a sentence, and what shows it. */
export interface Behaviour {
  readonly name: string;
  readonly shows: (backend: ExecBackend) => Promise<void>;
}

/** Behaviours by their sentences. */
export type Behaviours = Readonly<Record<string, Behaviour["shows"]>>;

export const behaviours: readonly Behaviour[] = Object.entries({
  ...processBehaviours,
  ...environmentBehaviours,
  ...eventBehaviours,
  ...readBehaviours,
  ...inputBehaviours,
  ...descriptorBehaviours,
  ...signalBehaviours,
  ...terminalBehaviours,
  ...unifiedBehaviours,
  ...misuseBehaviours,
}).map(([name, shows]) => ({ name, shows }));
