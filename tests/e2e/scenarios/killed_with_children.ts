import assert from "node:assert/strict";
import { execCommand } from "../mock_model.ts";
import type { Scenario } from "../scenario.ts";

/** A command that still runs is ended with its turn. @param options how it is started */
export function killedWithChildren(
  name: string,
  surface: Scenario["surface"],
  options: Parameters<typeof execCommand>[2],
): Scenario {
  return {
    name,
    surface,
    script: ({ gate }) => [
      [execCommand("stay", `${gate.opening}; sleep 1000 & sleep 1000 & echo here >&3; wait`, options)],
      async () => {
        assert.equal(await gate.line(), "here");
        return [execCommand("last", "true")];
      },
    ],
    async check(run, { gate }) {
      assert.equal(run.command("stay").exitCode, undefined);
      await gate.closed();
    },
    exception: {
      reason:
        "The original sometimes drops a request that arrives just before the connection ends, here the one to kill; " +
        "the command then lives until its session expires, 80 s later",
      tells: "the same",
      check: (run) => assert.equal(run.command("stay").exitCode, undefined),
    },
  };
}
