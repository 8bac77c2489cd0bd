/** Connections that break while a command runs. */
import assert from "node:assert/strict";
import { execCommand, writeStdin } from "../mock_model.ts";
import type { Scenario } from "../scenario.ts";
import { sessionId } from "../transcript.ts";

export const lostConnections: Scenario[] = [
  {
    name: "a command that writes before, during and after a lost connection",
    surface: "process",
    script: ({ gate, connection }) => [
      [
        execCommand(
          "steps",
          `${gate.opening}; echo before; echo here >&3; read -r go <&3; echo during; echo said >&3; ` +
            "read -r go <&3; echo after; exit 5",
          { yield_time_ms: 250 },
        ),
      ],
      async (request) => {
        assert.equal(await gate.line(), "here");
        connection.cut();
        await gate.send("go");
        assert.equal(await gate.line(), "said");
        await connection.mend();
        await gate.send("go");
        return [writeStdin("look", sessionId(request.output("steps")), "", { yield_time_ms: 30_000 })];
      },
      [execCommand("next", "echo next")],
    ],
    check(run) {
      assert.equal(run.command("steps").output, "before\nduring\nafter\n");
      assert.equal(run.command("steps").exitCode, 5);
      assert.equal(run.command("next").output, "next\n");
    },
  },
  {
    name: "a command that ends while the connection is lost",
    surface: "process",
    script: ({ gate, connection }) => [
      [
        execCommand(
          "ends",
          `${gate.opening}; echo before; echo here >&3; read -r go <&3; head -c 5000 /dev/zero | tr '\\0' x; exit 6`,
          { yield_time_ms: 250 },
        ),
      ],
      async (request) => {
        assert.equal(await gate.line(), "here");
        connection.cut();
        await gate.send("go");
        await gate.closed();
        await connection.mend();
        return [writeStdin("look", sessionId(request.output("ends")), "", { yield_time_ms: 30_000 })];
      },
    ],
    check(run) {
      assert.equal(run.command("ends").exitCode, 6);
      assert.equal(run.command("ends").output, "before\n" + "x".repeat(5_000));
    },
  },
];
