/** How fast much output of one command comes through a broker, beside a direct connection. */
import type { TestBroker } from "../../tests/support/broker.ts";
import { median, startChild } from "./children.ts";

const megabytes = 200;

/** @returns the median ratio of rounds in which both take their turn, and the direct one's MB/s */
export async function bulkRatio(
  broker: TestBroker,
  command: readonly string[],
  rounds: number,
): Promise<{ ratio: number; direct: number }> {
  const serve = [...command, "serve", "--log-level", "off"];
  await using _host = await startChild([...serve, "--fleet", broker.url, "--fleet-name", "bulk"]);
  await using server = await startChild(serve);
  const ratios: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const direct = await rate([...command, "run", "--url", server.line]);
    ratios.push(await rate([...command, "run", "--fleet", broker.url, "--on", "default/bulk"]) / direct);
    rates.push(direct);
  }
  return { ratio: median(ratios), direct: median(rates) };
}

/** MB/s from the first byte on. */
async function rate([program, ...args]: string[]): Promise<number> {
  const child = new Deno.Command(program!, {
    args: [...args, "--", "head", "-c", `${megabytes}000000`, "/dev/zero"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let begun: number | undefined;
  let bytes = 0;
  for await (const piece of child.stdout) {
    begun ??= performance.now();
    bytes += piece.length;
  }
  await child.status;
  return bytes / 1_000 / (performance.now() - begun!);
}
