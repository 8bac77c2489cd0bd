import assert from "node:assert/strict";
import type { CFunctions, Libc } from "../../../src/runtime/posix/libc.ts";
import { POLLIN, POLLOUT } from "../../../src/runtime/posix/platform.ts";
import type { Poller } from "../../../src/runtime/posix/poller.ts";
import { PollPoller } from "../../../src/runtime/posix/poll_poller.ts";
import { EpollPoller } from "../../../src/runtime/linux/epoll_poller.ts";
import { libc } from "./open_libc.ts";

/** A pipe, [end to read, end to write]. */
function pipe(): [number, number] {
  const ends = new Int32Array(2);
  assert.equal(libc.c.pipe(new Uint8Array(ends.buffer)), 0);
  return [ends[0]!, ends[1]!];
}

const pollers = { poll: PollPoller, ...libc.platform.isLinux ? { epoll: EpollPoller } : {} };

const byte = new Uint8Array(1);

/** Watches a descriptor; `next` resolves with the next events that are reported. */
function watched(poller: Poller, descriptor: number) {
  let report = Promise.withResolvers<number>();
  const watch = poller.watch(descriptor, (events) => {
    watch.unwant(POLLIN | POLLOUT);
    report.resolve(events);
    report = Promise.withResolvers();
  });
  return { watch, next: () => report.promise };
}

for (const [name, APoller] of Object.entries(pollers)) {
  Deno.test(`with ${name}, a descriptor that is wanted during a call in progress is looked at`, async () => {
    const called = Promise.withResolvers<void>();
    const poller = new APoller({
      ...libc,
      pollOffThread: (pollfds, count) => {
        called.resolve();
        return libc.pollOffThread(pollfds, count);
      },
    });
    const [read, write] = pipe();
    const reader = watched(poller, read);
    const writer = watched(poller, write);
    reader.watch.want(POLLIN);
    // Nothing is there to read: the call waits until it is told of the other wish.
    await called.promise;
    writer.watch.want(POLLOUT);
    assert.equal(await writer.next(), POLLOUT);
    libc.c.write(write, byte, 1);
    assert.equal(await reader.next(), POLLIN);
    reader.watch.close();
    writer.watch.close();
  });

  Deno.test(`with ${name}, a call that fails is made again`, async () => {
    let failures = 3;
    const failing: Libc = {
      ...libc,
      c: {
        ...libc.c,
        poll: () => 0,
        epoll_wait: (...call) => failures < 0 ? libc.c.epoll_wait(...call) : 0,
      } as CFunctions,
      pollOffThread: (pollfds, count) =>
        failures-- > 0 ? Promise.resolve(-1) : libc.pollOffThread(pollfds, count),
    };
    const poller = new APoller(failing);
    const [read, write] = pipe();
    libc.c.write(write, byte, 1);
    const reader = watched(poller, read);
    reader.watch.want(POLLIN);
    assert.equal(await reader.next(), POLLIN);
    assert.ok(failures < 0);
    reader.watch.close();
    libc.c.close(write);
  });

  Deno.test(`with ${name}, a descriptor whose watcher fails lets down no other`, async () => {
    const failure = Promise.withResolvers<unknown>();
    const onError = (event: ErrorEvent) => {
      event.preventDefault();
      failure.resolve(event.error);
    };
    addEventListener("error", onError);
    const poller = new APoller(libc);
    const [[brokenRead, brokenWrite], [read, write]] = [pipe(), pipe()];
    const broken = poller.watch(brokenRead, () => {
      broken.close();
      throw new Error("It failed");
    });
    const reader = watched(poller, read);
    broken.want(POLLIN);
    reader.watch.want(POLLIN);
    for (const end of [brokenWrite, write]) libc.c.write(end, byte, 1);
    assert.equal(await reader.next(), POLLIN);
    assert.match(String(await failure.promise), /It failed/);
    // And those who ask from now on are served, too.
    reader.watch.want(POLLIN);
    assert.equal(await reader.next(), POLLIN);
    reader.watch.close();
    for (const end of [brokenWrite, write]) libc.c.close(end);
    removeEventListener("error", onError);
  });
}

Deno.test("with poll, a descriptor is closed only after the call that looks at it", async () => {
  const order: string[] = [];
  const called = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const slow: Libc = {
    ...libc,
    c: { ...libc.c, close: (descriptor: number) => order.push(`close ${descriptor}`) } as CFunctions,
    pollOffThread: async (pollfds, count) => {
      called.resolve();
      const result = await libc.pollOffThread(pollfds, count);
      order.push("call over");
      over.resolve();
      return result;
    },
  };
  const poller = new PollPoller(slow);
  const [read, write] = pipe();
  const reader = watched(poller, read);
  reader.watch.want(POLLIN);
  await called.promise;
  reader.watch.close();
  reader.watch.close();
  await over.promise;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(order, ["call over", `close ${read}`]);
  poller.watch(write, () => {}).close();
  assert.deepEqual(
    order,
    ["call over", `close ${read}`, `close ${write}`],
    "one that is not looked at, at once",
  );
  libc.c.close(read);
  libc.c.close(write);
});

if (libc.platform.isLinux) {
  Deno.test("with epoll, what is ready is told in the order in which it became so", async () => {
    const poller = new EpollPoller(libc);
    const told: number[] = [];
    const pipes = [pipe(), pipe(), pipe()];
    const all = Promise.withResolvers<void>();
    const scratch = new Uint8Array(16);
    const watches = pipes.map(([read], index) => {
      const watch = poller.watch(read, () => {
        told.push(index);
        libc.c.read(read, scratch, scratch.length);
        if (told.length === 9) all.resolve();
      });
      watch.want(POLLIN);
      return watch;
    });
    for (const order of [[2, 0, 1], [1, 2, 0], [0, 2, 1]]) {
      const before = told.length;
      for (const index of order) libc.c.write(pipes[index]![1], byte, 1);
      while (told.length < before + 3) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await all.promise;
    assert.deepEqual(told, [2, 0, 1, 1, 2, 0, 0, 2, 1]);
    for (const watch of watches) watch.close();
    for (const [, write] of pipes) libc.c.close(write);
  });
}
