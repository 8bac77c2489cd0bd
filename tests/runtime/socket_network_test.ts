import { rejects, strictEqual } from "node:assert/strict";
import { thisHost } from "../../src/runtime/this_host.ts";
import type { NetworkConnection } from "../../src/host/network.ts";
import { pattern, sameBytes } from "../support/expect.ts";

const network = await thisHost.openNetwork?.();
const ignore = network === undefined;
const never = new AbortController().signal;

/** Two ends of a connection. */
async function pair(): Promise<
  { near: NetworkConnection; far: NetworkConnection; [Symbol.dispose](): void }
> {
  const accepted = Promise.withResolvers<NetworkConnection>();
  const listener = await network!.listen(accepted.resolve);
  const near = await network!.connect("127.0.0.1", listener.port, never);
  const far = await accepted.promise;
  listener.close();
  return {
    near,
    far,
    [Symbol.dispose]() {
      near.destroy();
      far.destroy();
    },
  };
}

async function rest(connection: NetworkConnection): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let bytes = await connection.read(); bytes; bytes = await connection.read()) parts.push(bytes);
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

test("bytes go both ways, and each way ends alone", async () => {
  using ends = await pair();
  const { near, far } = ends;
  await near.write(new TextEncoder().encode("hello"));
  near.end();
  strictEqual(new TextDecoder().decode(await rest(far)), "hello");
  await far.write(new TextEncoder().encode("back"));
  far.end();
  strictEqual(new TextDecoder().decode(await rest(near)), "back");
});

test("a writer waits for its reader, and nothing is lost", async () => {
  using ends = await pair();
  const { near, far } = ends;
  const bytes = pattern(20_000_000);
  const writing = Promise.resolve(near.write(bytes)).then(() => near.end());
  sameBytes(await rest(far), bytes);
  await writing;
});

test("what is passed on unread is all there, and no more than was asked for", async () => {
  using one = await pair();
  using other = await pair();
  const bytes = pattern(20_000_000);
  void Promise.resolve(one.near.write(bytes)).then(() => one.near.end());
  const passing = one.far.pipeTo!(other.near, 15_000_000).then(async (passed) => {
    strictEqual(passed, 15_000_000);
    strictEqual(await one.far.pipeTo!(other.near, Infinity), 5_000_000);
    other.near.end();
  });
  sameBytes(await rest(other.far), bytes);
  await passing;
});

test("the end of either side ends what is passed on", async () => {
  using one = await pair();
  using other = await pair();
  const passing = one.far.pipeTo!(other.near, Infinity);
  one.far.destroy();
  await rejects(passing, /the connection is closed/);
  using third = await pair();
  const stuck = Promise.resolve(third.near.write(new Uint8Array(50_000_000)));
  const onward = third.far.pipeTo!(other.near, Infinity);
  other.far.destroy("reset");
  await rejects(onward);
  third.far.destroy("reset");
  await rejects(stuck);
});

test("a connection that is closed reads and writes no more", async () => {
  using ends = await pair();
  const reading = ends.near.read();
  ends.near.destroy();
  ends.near.destroy();
  await rejects(reading, /the connection is closed/);
  await rejects(ends.near.read(), /the connection is closed/);
  await rejects(async () => await ends.near.write(new Uint8Array(1)), /the connection is closed/);
});

test("a port where nobody listens refuses, and a wait can be given up", async () => {
  const listener = await network!.listen(() => {});
  listener.close();
  await rejects(network!.connect("127.0.0.1", listener.port, never), { code: "ECONNREFUSED" });
  await rejects(network!.connect("127.0.0.1", 1, AbortSignal.abort(new Error("enough"))), /enough/);
});
