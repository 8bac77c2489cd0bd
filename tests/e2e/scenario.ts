/** What a scenario of the real Codex CLI is, and how it is played against a server. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CodexRun, runCodex, type SandboxMode } from "./codex_cli.ts";
import { type CuttableConnection, openCuttableConnection } from "./cuttable_connection.ts";
import { type Gate, openGate } from "./gate.ts";
import { closingMessage, type Turn } from "./mock_model.ts";

/** The part of a server that a scenario needs beyond the handshake. */
export type Surface = "process" | "tty" | "files" | "http" | "sandbox" | "sandboxed files";

/** One turn and what must come of it. */
export interface Scenario {
  /** What is shown, as the end of the sentence "Codex through exec-server: ...". */
  readonly name: string;
  readonly surface: Surface;
  /** Fills the scene's directory, and whatever else must be there before the turn. */
  prepare?(scene: Scene): Promise<void>;
  /** What the CLI asks to be confined to; nothing by default. */
  readonly sandbox?: SandboxMode;
  /** The CLI's working directory within the scene's; itself by default. */
  readonly workingDirectory?: string;
  /** Where the scene's directory is made; in the folder for temporary files by default. */
  readonly parent?: string;
  /** More configuration of the CLI, each `key=value` with a TOML value. */
  config?(scene: Scene): string[];
  /** What the model says. */
  script(scene: Scene): Turn[];
  /** Asserts what the model and the person got, and what is on disk. */
  check(run: CodexRun, scene: Scene): void | Promise<void>;
  /** Where the original does something else, and why that is not followed. */
  readonly exception?: ScenarioException;
  /** Whether it would suffer from another scenario beside it. */
  readonly alone?: true;
  /** Whether it needs an answer cut into several frames, which a server on Bun cannot do: there it ends as in the original. */
  readonly inFragments?: true;
  /** Wording that is each server's own; not compared. */
  readonly ownWording?: RegExp;
}

/** A difference from the original that is meant. */
export interface ScenarioException {
  readonly reason: string;
  /** Whether the model is told something else through the original; what is the same is compared. */
  readonly tells: "the same" | "something else";
  /** Asserts what comes of the turn through the original, in place of the scenario's check. */
  check(run: CodexRun, scene: Scene): void | Promise<void>;
}

/** Where one playing of a scenario happens; `await using` takes it down. */
export interface Scene extends AsyncDisposable {
  /** A folder of its own, with its symbolic links resolved. */
  readonly directory: string;
  /** A line to a command of the scenario. */
  readonly gate: Gate;
  /** The way from the CLI to the server. */
  readonly connection: CuttableConnection;
  /** What is taken down with the scene. */
  readonly cleanup: AsyncDisposableStack;
}

/** Sets a scene up. */
export async function openScene(serverUrl: string, parent = tmpdir()): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  // The names are all of one length: the model is told how long an output is that holds one.
  const directory = await realpath(await mkdtemp(join(parent, "scene-")));
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const gate = stack.use(await openGate());
  const connection = stack.use(await openCuttableConnection(serverUrl));
  const cleanup = stack.move();
  return { directory, gate, connection, cleanup, [Symbol.asyncDispose]: () => cleanup.disposeAsync() };
}

/** Who plays a scenario: exec-server, which is held to the scenario, or the original, with its exceptions. */
export type Player = "ours" | "original";

/** Plays a scenario through a server, and checks what came of it. */
export async function play(scenario: Scenario, player: Player, serverUrl: string): Promise<CodexRun> {
  await using scene = await openScene(serverUrl, scenario.parent);
  await scenario.prepare?.(scene);
  const directory = join(scene.directory, scenario.workingDirectory ?? "");
  await mkdir(directory, { recursive: true });
  const run = await runCodex({
    serverUrl: scene.connection.url,
    directory,
    script: scenario.script(scene),
    sandbox: scenario.sandbox,
    config: scenario.config?.(scene),
    names: { directory: scene.directory, gate: scene.gate.opening },
  });
  assert.deepEqual([run.exitCode, run.stdout.trimEnd()], [0, closingMessage]);
  const check = player === "original" ? scenario.exception?.check ?? scenario.check : scenario.check;
  await check(run, scene);
  return run;
}
