/**
 * One turn of the real Codex CLI (the npm package `@openai/codex`): `codex exec`, with every command and file
 * operation sent to an exec-server, and a scripted model.
 */
import { join } from "node:path";
import { codexProgram } from "../support/reference_server.ts";
import { type ModelRequest, startMockModel, type Turn } from "./mock_model.ts";
import { type CommandReport, commandReports, transcript } from "./transcript.ts";

/** Sandboxes by the CLI's names. */
export type SandboxMode = "read-only" | "workspace-write";

/** The turn to run. */
export interface CodexTurn {
  /** The exec-server, `ws://HOST:PORT`. */
  serverUrl: string;
  /** The working directory, an absolute path that exists here and where the server runs. */
  directory: string;
  /** What the model says. */
  script: readonly Turn[];
  /** What the CLI asks to be confined to; nothing by default. */
  sandbox?: SandboxMode | undefined;
  /** More variables. */
  env?: Readonly<Record<string, string>>;
  /** More configuration, each `key=value` with a TOML value. */
  config?: readonly string[];
  /** Texts that belong to this one run, by the name that stands for each in the transcript. */
  names?: Record<string, string>;
  /** When a turn that does not end is killed, in milliseconds; 60,000 by default. */
  timeoutMs?: number;
}

/** A turn that has ended. */
export interface CodexRun {
  readonly exitCode: number;
  readonly stdout: string;
  /** What the person saw: the transcript of the turn, and errors. */
  readonly stderr: string;
  /** Every request to the model, oldest first. */
  readonly requests: readonly ModelRequest[];
  /** What the model saw in all, one text per item, comparable between runs. */
  readonly transcript: readonly string[];
  /** What a tool call answered; throws when it was not answered. */
  output(callId: string): string;
  /** How a shell command went, over all the calls that had to do with it; throws when the tool failed. */
  command(callId: string): CommandReport;
}

/**
 * Runs one turn in a home of its own, which is removed afterwards.
 *
 * @throws {Error} when the turn does not end in time, or the script did not fit what the CLI did
 */
export async function runCodex(turn: CodexTurn): Promise<CodexRun> {
  await using model = startMockModel(turn.script);
  await using home = await codexHome();
  const provider = `{name="mock",base_url="${model.url}",env_key="MOCK_MODEL_KEY",wire_api="responses"}`;
  const config = [
    "model=gpt-5",
    "model_provider=mock",
    `model_providers.mock=${provider}`,
    ...turn.config ?? [],
  ];
  const child = new Deno.Command(codexProgram, {
    args: [
      "exec",
      ...[...config, ...offline].flatMap((setting) => ["-c", setting]),
      "--skip-git-repo-check",
      ...turn.sandbox ? ["--sandbox", turn.sandbox] : ["--dangerously-bypass-approvals-and-sandbox"],
      "Play the script",
    ],
    cwd: turn.directory,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      ...home.env,
      MOCK_MODEL_KEY: "none",
      CODEX_EXEC_SERVER_URL: turn.serverUrl,
      ...turn.env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    // The program on PATH is a launcher: the CLI itself is its child, in the same process group.
    Deno.kill(-child.pid, "SIGKILL");
  }, turn.timeoutMs ?? 60_000);
  const { code, stdout, stderr } = await child.output().finally(() => clearTimeout(timer));
  const errorText = new TextDecoder().decode(stderr);
  if (timedOut) throw new Error(`The turn did not end in time; it said:\n${errorText}`);
  if (model.failure) throw model.failure;
  const last = model.requests.at(-1);
  if (model.requests.length !== turn.script.length + 1 || !last) {
    throw new Error(
      `The CLI ended with ${code} after request ${model.requests.length} of the script; it said:\n${errorText}`,
    );
  }
  const reports = commandReports(last.input);
  return {
    exitCode: code,
    stdout: new TextDecoder().decode(stdout),
    stderr: errorText,
    requests: model.requests,
    transcript: transcript(last.input, { names: { home: home.path, ...turn.names } }),
    output: (callId) => last.output(callId),
    command(callId) {
      const report = reports.get(callId);
      if (!report) throw new Error(`The command of "${callId}" did not run: "${last.output(callId)}"`);
      return report;
    },
  };
}

/** Keeps the CLI from talking to anybody but the mock and the exec-server. */
const offline = ["features.plugins=false", "analytics.enabled=false", "check_for_update_on_startup=false"];

/** An empty home for the Codex CLI or its exec-server; `await using` removes it. */
export interface CodexHome extends AsyncDisposable {
  readonly path: string;
  /** The environment variables that make it the home. */
  readonly env: { HOME: string; CODEX_HOME: string; TMPDIR: string };
}

/**
 * Makes a home, also for the shells that run in it: nobody's start-up files speak in a test.
 *
 * The CLI refuses a home within the temporary folder: it would not put its own programs there. So the home brings a
 * temporary folder of its own, beside which it lies.
 */
export async function codexHome(): Promise<CodexHome> {
  const folder = await Deno.makeTempDir({ prefix: "codex-" });
  const env = {
    HOME: join(folder, "home"),
    CODEX_HOME: join(folder, "home/.codex"),
    TMPDIR: join(folder, "tmp"),
  };
  for (const path of Object.values(env)) await Deno.mkdir(path);
  return {
    path: env.HOME,
    env,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
