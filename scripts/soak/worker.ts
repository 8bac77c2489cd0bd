import { RpcError } from "../../src/protocol/errors.ts";
import { InterruptedCallError } from "../../src/transport/transport.ts";
import type { Activity, Stage } from "./activity.ts";
import type { Shortage } from "./shortage.ts";

/** How often an activity came out how. */
export interface Tally {
  /** As it must. */
  right: number;
  /** A call that must not be sent twice was not answered before the connection was lost, and said so. */
  interrupted: number;
  /** Refused by a server that was short of descriptors, and said so. */
  refused: number;
}

export type Tallies = Map<string, Tally>;

/** What a server says that has no descriptor left. */
const SHORT = /too many open files|EMFILE|descriptor/i;

/** What the workers of a soak share. */
export interface Work {
  readonly activities: readonly Activity[];
  readonly tallies: Tallies;
  readonly shortage: Shortage;
  /** What is being done. */
  readonly underWay: Set<string>;
  /** Nothing is begun any more. */
  readonly signal: AbortSignal;
}

/** Does one activity after another until the signal comes. @throws {Error} at the first one that came out wrong */
export async function work(stages: (number: number) => Stage, work: Work): Promise<void> {
  for (let number = 1; !work.signal.aborted; number++) {
    const stage = stages(number);
    const activity = stage.random.pick(work.activities, ({ weight }) => weight);
    const what = `${activity.name} (${stage.newId()})`;
    work.underWay.add(what);
    try {
      await attempt(activity, stage, work);
    } catch (error) {
      throw new Error(`${what}: ${error instanceof Error ? error.message : error}`, { cause: error });
    } finally {
      work.underWay.delete(what);
    }
  }
}

async function attempt(activity: Activity, stage: Stage, { tallies, shortage }: Work): Promise<void> {
  const tally = tallies.get(activity.name) ?? { right: 0, interrupted: 0, refused: 0 };
  tallies.set(activity.name, tally);
  const began = performance.now();
  try {
    await activity.run(stage);
    tally.right++;
  } catch (error) {
    if (error instanceof InterruptedCallError) tally.interrupted++;
    else if (shortage.touched(began) && isShort(error)) tally.refused++;
    else throw error;
  }
}

function isShort(error: unknown): boolean {
  if (error instanceof RpcError) return SHORT.test(error.message);
  // A connection that such a server could not accept.
  return error instanceof Error &&
    /connection (is over|ended)|refused the upgrade|before it answered/i.test(error.message);
}
