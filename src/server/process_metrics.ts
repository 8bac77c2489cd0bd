import type { MetricSet } from "../observe/metric_set.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { ProcessRegistry } from "../process/process_registry.ts";
import { processResults, resultOf } from "./process_result.ts";
import { Subscription } from "../session/subscription.ts";

/** Those of descriptors are one. */
const streams = ["stdout", "stderr", "pty", "fd"] as const;

/** Measures the processes of a registry. What is of each byte is summed up when it is asked for. */
export function measureProcesses(metrics: MetricSet, processes: ProcessRegistry): void {
  const totals = new Totals(processes);
  const finished = metrics.counter(
    "exec_server_processes_finished_total",
    "Processes that have ended, by how.",
    processResults.map((result) => ({ result })),
  );
  const duration = metrics.histogram(
    "exec_server_process_duration_seconds",
    "Seconds from the start of a process to its end.",
    processBounds,
  );
  const takes = metrics.counter("exec_server_keyboard_takes_total", "How often somebody took a keyboard.");
  processes.managed.add((process) => {
    const began = performance.now();
    process.closed.then(() => {
      const result = resultOf(process);
      finished.add({ result });
      duration.record((performance.now() - began) / 1_000, { result });
    });
    process.keyboard.listeners.add(() => {
      if (process.keyboard.holder !== undefined) takes.add();
    });
    process.forgotten.add(() => totals.keep(process));
  });
  const sum = (of: (process: ManagedProcess) => number) => () => {
    let value = 0;
    for (const process of processes.values()) value += of(process);
    return [{ value }];
  };
  metrics.observe(
    "exec_server_processes_active",
    "gauge",
    "Processes that have not ended.",
    sum(({ log }) => log.closed ? 0 : 1),
  );
  metrics.observe(
    "exec_server_output_held_processes",
    "gauge",
    "Processes that wait for a client to take their output.",
    sum(({ log }) => log.full ? 1 : 0),
  );
  metrics.observe(
    "exec_server_retained_bytes",
    "gauge",
    "Bytes of output in memory.",
    sum(({ log }) => log.retainedBytes),
  );
  metrics.observe(
    "exec_server_viewers_active",
    "gauge",
    "How many look at processes that are not their own.",
    sum(({ viewers }) => viewers),
  );
  metrics.observe("exec_server_gaps_total", "counter", "Gaps in output that somebody was told of.", () => [
    { value: Subscription.gapsTold },
  ]);
  metrics.observe(
    "exec_server_output_bytes_total",
    "counter",
    "Bytes that processes have written, by stream.",
    () => streams.map((stream) => ({ labels: { stream }, value: totals.output(stream) })),
  );
  metrics.observe(
    "exec_server_input_bytes_total",
    "counter",
    "Bytes that clients have written to processes.",
    () => [
      { value: totals.input() },
    ],
  );
}

/** Seconds: from a command that does nothing to one that runs for a day. */
const processBounds = [0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3_600, 86_400];

/** What processes have read and written, also those that are forgotten. */
class Totals {
  readonly #processes: ProcessRegistry;
  readonly #forgotten = { stdout: 0, stderr: 0, pty: 0, fd: 0, input: 0 };

  constructor(processes: ProcessRegistry) {
    this.#processes = processes;
  }

  output(stream: (typeof streams)[number]): number {
    let bytes = this.#forgotten[stream];
    for (const { log } of this.#processes.values()) bytes += log.written[stream];
    return bytes;
  }

  input(): number {
    let bytes = this.#forgotten.input;
    for (const { inputBytes } of this.#processes.values()) bytes += inputBytes;
    return bytes;
  }

  keep({ log, inputBytes }: ManagedProcess): void {
    for (const stream of streams) this.#forgotten[stream] += log.written[stream];
    this.#forgotten.input += inputBytes;
  }
}
