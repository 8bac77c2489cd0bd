/**
 * The server under test, against every vector recorded from the reference server.
 *
 *     deno test -A tests/conformance/conformance_test.ts
 *
 * The server is the one of `EXEC_SERVER_COMMAND` (see ../support/server_process.ts), started once for each group of
 * `server_groups.ts`. Server and test share a machine; it needs bash, python3, coreutils, procps, util-linux and curl.
 * A difference is allowed when docs/compatibility.md has it; what the tables there claim must be true.
 *
 * - `CONFORMANCE_STRICT=1` compares the text of errors, not only their codes.
 * - `CONFORMANCE_SLOW=1` adds the vectors that wait for timers of 80 seconds, all at once.
 * - `CONFORMANCE_ONLY=REGEX` replays only vectors whose name matches.
 * - `CONFORMANCE_REFERENCE=COMMAND` tests another server, for which the tables do not count: each vector must pass.
 *   It proves the replayer on the server that the vectors were recorded from:
 *
 *       mkdir -p ~/empty && CODEX_HOME=~/empty CONFORMANCE_STRICT=1 CONFORMANCE_SLOW=1 \
 *         CONFORMANCE_REFERENCE="tests/node_modules/.bin/codex exec-server" deno test -A tests/conformance/conformance_test.ts
 *
 *   (Its sandbox works only with a `CODEX_HOME` outside of /tmp.)
 * - `CONFORMANCE_WITHOUT=sandbox,network-proxy` leaves out the vectors that need what this machine cannot do; those with
 *   a sandbox are left out anyhow where bubblewrap does not work.
 */
import { canConfine, mechanisms } from "../support/sandbox.ts";
import { serverRuntime } from "../support/server_process.ts";
import { parseCompatibilityTables } from "./compatibility_tables.ts";
import { runConformance } from "./conformance_run.ts";
import { type AreaReport, judge } from "./judgement.ts";
import { loadVectors } from "./load_vectors.ts";
import type { Vector } from "./vector.ts";

const setting = (name: string) => Deno.env.get(`CONFORMANCE_${name}`) ?? "";
const reference = setting("REFERENCE");
const tested = reference === "" ? `the server on ${serverRuntime()}` : reference;

Deno.test(`${tested} answers as recorded, or as docs/compatibility.md says`, async (test) => {
  const tables = reference === ""
    ? parseCompatibilityTables(readDocument())
    : { differences: [], pending: [] };
  const outcomes = await runConformance(loadVectors(), {
    command: reference === "" ? undefined : reference.split(" "),
    wording: setting("STRICT") === "1" ? "exact" : "ignored",
    skip: isLeftOut,
  });
  const { areas, tableFaults } = judge(outcomes, tables, serverRuntime());
  for (const area of areas) {
    await test.step(summaryLine(area), () => {
      if (area.failed.length > 0) throw new Error(failureReport(area));
    });
  }
  await test.step("what docs/compatibility.md claims is true", () => {
    if (tableFaults.length > 0) throw new Error(tableFaults.join("\n"));
  });
});

for (const mechanism of mechanisms.filter(({ args }) => args.length > 0)) {
  Deno.test({
    name: `${tested} confines as recorded, by ${mechanism.name}`,
    ignore: !mechanism.isThere || reference !== "",
    async fn() {
      const tables = parseCompatibilityTables(readDocument());
      const vectors = loadVectors().filter(({ requires = [] }) => requires.includes("sandbox"));
      const outcomes = await runConformance(vectors, {
        flags: mechanism.args,
        wording: "ignored",
        skip: isLeftOut,
      });
      const { areas } = judge(outcomes, tables, serverRuntime());
      const failed = areas.filter(({ failed }) => failed.length > 0);
      if (failed.length > 0) throw new Error(failed.map(failureReport).join("\n"));
    },
  });
}

function readDocument(): string {
  return Deno.readTextFileSync(new URL("../../docs/compatibility.md", import.meta.url));
}

function isLeftOut({ name, requires = [], slow = false }: Vector): boolean {
  const missing = [...setting("WITHOUT").split(","), ...canConfine ? [] : ["sandbox"]];
  return (slow && setting("SLOW") !== "1") || !new RegExp(setting("ONLY")).test(name) ||
    requires.some((ability) => missing.includes(ability));
}

function summaryLine({ area, passed, failed, different, pending, skipped }: AreaReport): string {
  const counts = { failed: failed.length, "known to differ": different, "not there yet": pending, skipped };
  const others = Object.entries(counts).filter(([, count]) => count > 0).map(([what, count]) =>
    `, ${count} ${what}`
  );
  return `${area}: ${passed} passed${others.join("")}`;
}

function failureReport({ failed }: AreaReport): string {
  return failed.map(({ vector, failure }) => `${vector.name}\n  ${failure}`).join("\n");
}
