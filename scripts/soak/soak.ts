/** A server that is used hard for a while, over connections that fare badly, and what became of it. */
import { ExecServerClient } from "../../src/client/client.ts";
import { webSocketConnector } from "../../src/transport/websocket_transport.ts";
import { isAlive, openFiles, until } from "../../tests/support/proc.ts";
import { startServer } from "../../tests/support/server_process.ts";
import { TempFolder } from "../../tests/support/temp_folder.ts";
import { activities } from "./activities/all.ts";
import { Census } from "./census.ts";
import { fuzz } from "./fuzz.ts";
import { Random } from "./random.ts";
import type { Result } from "./report.ts";
import { Shortage } from "./shortage.ts";
import { VitalsLog } from "./vitals.ts";
import { Weather } from "./weather.ts";
import { type Tallies, work } from "./worker.ts";

/** How long and how hard. */
export interface SoakOptions {
  /** The command that serves when `serve` follows. */
  readonly command: readonly string[];
  readonly minutes: number;
  readonly seed: number;
  /** Malformed and odd messages that are sent meanwhile. */
  readonly messages: number;
}

/** Clients, each with a connection and a session of its own, and how many things each does at once. */
const CLIENTS = 3;
const WORKERS_PER_CLIENT = 2;
/** A reader rests for this share of the whole at the most. */
const PAUSE_SHARE = 0.05;
const MOST_PAUSE_MS = 40_000;
const LOOKS = 240;
/** Milliseconds in which activities that began in time come to their end. */
const END_MS = 180_000;
/** A client finds a connection that is dead without a word soon, since there are many. */
const HEARTBEAT = { silenceMs: 1_000, answerMs: 4_000 };

/** Uses a server. @throws {Error} what came out wrong */
export async function soak({ command, minutes, seed, messages }: SoakOptions): Promise<Result> {
  const random = new Random(seed);
  const durationMs = minutes * 60_000;
  const census = new Census();
  await using folder = new TempFolder();
  await using server = await startServer({
    command: [...command, "serve", "--listen", "ws://127.0.0.1:0", "--log-level", "warn"],
  });
  const before = openFiles(server.pid);
  using vitals = new VitalsLog(server.pid, durationMs / LOOKS);
  const over = AbortSignal.timeout(durationMs);
  const failed = new AbortController();
  const signal = AbortSignal.any([over, failed.signal]);
  const shortage = new Shortage(server.pid, random.fork("shortage"), signal);
  const tallies: Tallies = new Map();
  const underWay = new Set<string>();
  const weatherCounts: Record<string, number> = {};

  const useClient = async (name: string) => {
    await using weather = await Weather.begin(server.url, random.fork(name), signal);
    const connector = webSocketConnector(weather.url);
    await using client = await ExecServerClient.connect(connector, { heartbeat: HEARTBEAT });
    await Promise.all(Array.from({ length: WORKERS_PER_CLIENT }, (_, worker) => {
      const stages = (number: number) => ({
        client,
        url: server.url,
        random: random.fork(`${name}.${worker}.${number}`),
        census,
        folder: folder.path,
        pauseMs: Math.min(durationMs * PAUSE_SHARE, MOST_PAUSE_MS),
        newId: () => `${name}-${worker}-${number}-${newNumber++}`,
      });
      return work(stages, { activities, tallies, shortage, underWay, signal });
    }));
    for (const [kind, count] of Object.entries(weather.counts)) {
      weatherCounts[kind] = (weatherCounts[kind] ?? 0) + count;
    }
  };
  let newNumber = 0;
  let sent = 0;
  const checks = setInterval(() => {
    try {
      census.checkLeft();
      if (!isAlive(server.pid)) throw new Error(`The server ended: ${server.stderr().slice(-4_000)}`);
    } catch (error) {
      failed.abort(error);
    }
  }, 1_000);
  try {
    const tasks = [
      ...Array.from({ length: CLIENTS }, (_, i) => useClient(`client-${i}`)),
      fuzz({ url: server.url, random: random.fork("fuzz"), messages, durationMs, signal })
        .then((count) => void (sent = count)),
      shortage.ended,
    ];
    for (const task of tasks) task.catch((error) => failed.abort(error));
    await settled(tasks, durationMs + END_MS, failed.signal, underWay);
  } finally {
    clearInterval(checks);
  }
  const most = () => before + FEW + FEW_PER_PROCESS * census.checkLeft();
  await until("the server holds as few descriptors as before", () => openFiles(server.pid) <= most());
  vitals.end();
  const { code } = await server.stop();
  if (code !== 0) throw new Error(`The server ended with ${code}: ${server.stderr().slice(-4_000)}`);
  await census.checkNone();
  return {
    minutes,
    seed,
    tallies,
    weather: weatherCounts,
    shortages: shortage.count,
    messages: sent,
    processes: census.entered,
    vitals,
  };
}

/** Descriptors that a server may hold more after its work than before: what it opened for its first process. */
const FEW = 24;
/** The same for each process of a session that may live on for a while. */
const FEW_PER_PROCESS = 4;

async function settled(
  tasks: Promise<void>[],
  limitMs: number,
  failed: AbortSignal,
  underWay: ReadonlySet<string>,
): Promise<void> {
  const timer = Promise.withResolvers<never>();
  const tooLate = () => new Error(`After ${limitMs} ms these go on: ${[...underWay].join(", ")}`);
  const timeout = setTimeout(() => timer.reject(tooLate()), limitMs);
  const failure = Promise.withResolvers<never>();
  failed.addEventListener("abort", () => failure.reject(failed.reason), { once: true });
  try {
    await Promise.race([Promise.all(tasks), timer.promise, failure.promise]);
  } finally {
    clearTimeout(timeout);
  }
}
