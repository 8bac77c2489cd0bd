import type { ExecServerClient } from "../../src/client/client.ts";
import type { Census } from "./census.ts";
import type { Random } from "./random.ts";

/** What an activity works with. */
export interface Stage {
  /** A client whose connection has weather. */
  readonly client: ExecServerClient;
  /** The server's own URL, past the weather. */
  readonly url: string;
  readonly random: Random;
  /** Where every process is entered. */
  readonly census: Census;
  /** A folder of its own. */
  readonly folder: string;
  /** Milliseconds that a reader rests at the most. */
  readonly pauseMs: number;
  /** Names a process, as no other is named. */
  readonly newId: () => string;
}

/** Something that a client does with a server, and that has one right outcome. */
export interface Activity {
  readonly name: string;
  /** How often it is done, beside the others. */
  readonly weight: number;
  /** @throws {Error} what was not as it must be */
  run(stage: Stage): Promise<void>;
}
