/**
 * The real Codex CLI works through exec-server, and its model is told the same, word for word, as through the original
 * server: each scenario is played through both.
 */
import assert from "node:assert/strict";
import { referenceServer } from "../support/reference_server.ts";
import { canConfine } from "../support/sandbox.ts";
import { type ServerProcess, serverRuntime, startServer } from "../support/server_process.ts";
import { codexHome, type CodexRun } from "./codex_cli.ts";
import { play, type Scenario, type Surface } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

/** What exec-server can do so far; the other scenarios are reported as ignored. */
const surfaces: readonly Surface[] = [
  "process",
  "tty",
  "files",
  "http",
  "sandboxed files",
  ...canConfine ? ["sandbox"] as const : [],
];

/** Settings of a Codex that these tests may run within are not the servers'. */
const inherited = Object.entries(Deno.env.toObject()).filter(([name]) => !name.startsWith("CODEX_"));

const running = new AsyncDisposableStack();
let ours: ServerProcess;
let original: ServerProcess;

Deno.test.beforeAll(async () => {
  const home = running.use(await codexHome());
  const env = { ...Object.fromEntries(inherited), ...home.env };
  original = running.use(await startServer({ ...referenceServer(), env }));
  ours = running.use(await startServer({ env }));
});

Deno.test.afterAll(() => running.disposeAsync());

for (const scenario of scenarios) {
  Deno.test({
    name: `Codex through exec-server: ${scenario.name}`,
    ignore: !surfaces.includes(scenario.surface),
    async fn() {
      const standard = scenario.inFragments && serverRuntime() !== "deno" ? "original" : "ours";
      const playingHere = named("Through exec-server", play(scenario, standard, ours.url));
      if (scenario.alone) await playingHere;
      const playingThere = named("Through codex exec-server", play(scenario, "original", original.url));
      const [here, there] = await Promise.all([playingHere, playingThere]);
      if (scenario.exception?.tells !== "something else") assertSameTold(scenario, here, there);
    },
  });
}

/** Says through which server a check failed. */
async function named(where: string, playing: Promise<CodexRun>): Promise<CodexRun> {
  try {
    return await playing;
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

function assertSameTold({ ownWording }: Scenario, here: CodexRun, there: CodexRun): void {
  const comparable = ({ transcript }: CodexRun) =>
    transcript.map((text) => ownWording ? text.replaceAll(ownWording, "<own wording>") : text);
  const [texts, expected] = [comparable(here), comparable(there)];
  // One by one: a difference is shown by its item, not lost in a whole conversation.
  texts.forEach((text, index) => assert.equal(text, expected[index]));
  assert.equal(texts.length, expected.length);
}
