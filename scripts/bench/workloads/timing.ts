import { RawClient } from "../raw_client.ts";
import { median } from "../statistics.ts";

/** Milliseconds of each of so many actions, one after the other, after some that only warm up. */
export async function timeEach(
  count: number,
  warmUp: number,
  action: (i: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < warmUp + count; i++) {
    const started = performance.now();
    await action(i);
    if (i >= warmUp) times.push(performance.now() - started);
  }
  return times;
}

/** The median of the milliseconds of each. */
export async function medianTime(count: number, warmUp: number, action: (i: number) => Promise<unknown>) {
  return median(await timeEach(count, warmUp, action));
}

/** Milliseconds of an action. */
export async function timeOf(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

/** Uses a client and closes it. */
export async function withClient<T>(url: string, use: (client: RawClient) => Promise<T>): Promise<T> {
  const client = await RawClient.open(url);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
