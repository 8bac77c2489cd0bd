/** Processes of a measurement, which end with it. */

/** A child that has said a line; `await using` kills it. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** The line that it said first. */
  readonly line: string;
  kill(): void;
}

/** Starts a program, and waits for the first line of its output. */
export async function startChild([program, ...args]: readonly string[]): Promise<Child> {
  const child = new Deno.Command(program!, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
    .spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let line = "";
  while (!line.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${program} ${args.join(" ")} has ended`);
    line += value;
  }
  return {
    pid: child.pid,
    line: line.trim(),
    kill: () => child.kill("SIGKILL"),
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
      await reader.cancel();
    },
  };
}

/** MB of memory that a process has. */
export function residentMb(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1_000;
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
