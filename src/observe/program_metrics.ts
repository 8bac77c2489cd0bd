import { readdirSync } from "node:fs";
import process from "node:process";
import { EVENT_LOOP_LOOK_MS } from "../limits.ts";
import { unref } from "../unref.ts";
import { durationBounds, type MetricSet, type Sample } from "./metric_set.ts";

/**
 * Measures this program itself, under the names that other programs have for the same.
 *
 * @returns ends what it takes to measure how late this program comes to what is due
 */
export function measureProgram(metrics: MetricSet): Disposable {
  metrics.observe(
    "process_cpu_seconds_total",
    "counter",
    "Seconds of CPU time this program has taken.",
    () => {
      const { user, system } = process.cpuUsage();
      return [{ value: (user + system) / 1e6 }];
    },
  );
  metrics.observe("process_resident_memory_bytes", "gauge", "Bytes of memory this program has.", () => [
    { value: process.memoryUsage().rss },
  ]);
  metrics.observe("process_open_fds", "gauge", "Descriptors this program has open.", openDescriptors);
  return measureLag(metrics);
}

/** None where the system does not tell. */
function openDescriptors(): Sample[] {
  try {
    return [{ value: readdirSync("/proc/self/fd").length }];
  } catch {
    return [];
  }
}

function measureLag(metrics: MetricSet): Disposable {
  const lag = metrics.histogram(
    "exec_server_event_loop_lag_seconds",
    "By how much a timer was late, looked at every second.",
    durationBounds,
    [{}],
  );
  let due = performance.now() + EVENT_LOOP_LOOK_MS;
  const timer = unref(setInterval(() => {
    const now = performance.now();
    lag.record(Math.max(0, now - due) / 1_000);
    due = now + EVENT_LOOP_LOOK_MS;
  }, EVENT_LOOP_LOOK_MS));
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
