/**
 * What a server holds in memory: its resident set. Further processes of the same program, as sshd has one or two for each
 * connection, count with their share of what they have in common; the commands that it runs do not count.
 */
export function residentBytes(pid: number): number {
  const rss = kilobytes(`/proc/${pid}/status`, "VmRSS");
  const program = programOf(pid);
  let shares = 0;
  for (const other of descendants(pid)) {
    try {
      if (programOf(other) === program) shares += kilobytes(`/proc/${other}/smaps_rollup`, "Pss");
    } catch {
      // It has just ended.
    }
  }
  return (rss + shares) * 1024;
}

/** The resident set, once it has been still for a moment. */
export async function settledBytes(measure: () => number): Promise<number> {
  let last = 0;
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const now = measure();
    if (Math.abs(now - last) < 500_000) return now;
    last = now;
  }
  return last;
}

function programOf(pid: number): string {
  return Deno.readLinkSync(`/proc/${pid}/exe`);
}

function descendants(pid: number): number[] {
  try {
    const threads = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
    const lists = threads.map((thread) => Deno.readTextFileSync(`/proc/${pid}/task/${thread}/children`));
    const children = lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return []; // It has just ended.
  }
}

function kilobytes(path: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(Deno.readTextFileSync(path))?.[1] ?? 0);
}
