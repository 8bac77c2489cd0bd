import assert from "node:assert/strict";
import { type CallShare, WaitingCalls } from "../../src/host/waiting_calls.ts";

/** Calls that end when they are told to. */
class Calls {
  readonly started: string[] = [];
  readonly #ends = new Map<string, () => void>();

  begin(share: CallShare, ...names: string[]): Promise<void>[] {
    return names.map((name) =>
      share.run(() => {
        this.started.push(name);
        return new Promise<void>((resolve) => this.#ends.set(name, resolve));
      })
    );
  }

  end(name: string): void {
    this.#ends.get(name)!();
  }
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => prefix + index);

Deno.test("calls that hang leave threads to everybody else", () => {
  const all = new WaitingCalls(30);
  const calls = new Calls();
  const perClient = names("client", 8).map((client) => {
    const before = calls.started.length;
    calls.begin(all.share(), ...names(client, 100));
    return calls.started.length - before;
  });
  assert.equal(perClient[0], 8);
  assert.ok(perClient.every((count) => count >= 1), String(perClient));
  calls.begin(all.share(), "other");
  assert.ok(calls.started.includes("other"));
});

Deno.test("calls that wait are made in order when others have ended, of each client in turn", async () => {
  const all = new WaitingCalls(3);
  const calls = new Calls();
  const [one, other] = [all.share(), all.share()];
  const [first] = calls.begin(one, "a1", "a2", "a3");
  calls.begin(other, "b1", "b2");
  assert.deepEqual(calls.started, ["a1", "b1"]);
  calls.end("a1");
  await first;
  assert.deepEqual(calls.started, ["a1", "b1", "a2"]);
  for (const name of ["b1", "a2", "b2", "a3"]) {
    calls.end(name);
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert.deepEqual(calls.started.toSorted(), ["a1", "a2", "a3", "b1", "b2"]);
});

Deno.test("a call that fails makes room as one that succeeds", async () => {
  const share = new WaitingCalls(1).share();
  const failing = share.run(() => Promise.reject(new Error("none")));
  const next = share.run(() => Promise.resolve("done"));
  await assert.rejects(failing, /none/);
  assert.equal(await next, "done");
});
