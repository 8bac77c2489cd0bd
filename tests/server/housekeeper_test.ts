import assert from "node:assert/strict";
import { HOUSEKEEPING_MS, HOUSEKEEPING_WORK_MS, IDLE_PROCESSOR_SHARE } from "../../src/limits.ts";
import { Housekeeper } from "../../src/server/housekeeper.ts";
import { Logger } from "../../src/observe/logger.ts";
import { FakeTime } from "../support/fake_time.ts";

/** Milliseconds of processor time between two looks that still count as idle. */
const idleMs = HOUSEKEEPING_MS * IDLE_PROCESSOR_SHARE;

/** A server's house: what is done in it, and how often it is tidied. */
class House implements Disposable {
  readonly #time = new FakeTime();
  readonly #housekeeper: Housekeeper;
  readonly lines: string[] = [];
  tidied = 0;
  /** Milliseconds of processor time used so far. */
  usedMs = 0;

  /**
   * @param tidy what tidying is, beside being counted
   * @param startUpMs milliseconds of processor time that its start took
   */
  constructor(tidy: () => Promise<void> = () => Promise.resolve(), startUpMs = 0) {
    this.usedMs = startUpMs;
    this.#housekeeper = new Housekeeper({
      tidy: async () => {
        this.tidied++;
        await tidy();
      },
      logger: new Logger({ level: "error", format: "text", write: (line) => this.lines.push(line) }),
      processorMs: () => this.usedMs,
    });
    this.#housekeeper.start();
  }

  /** Lets the housekeeper look round a number of times, with as much processor time used before each. */
  async look(times: number, usedMs = 0): Promise<void> {
    for (let look = 0; look < times; look++) {
      this.usedMs += usedMs;
      await this.#time.pass(HOUSEKEEPING_MS);
    }
  }

  stop(): void {
    this.#housekeeper.stop();
  }

  [Symbol.dispose](): void {
    this.stop();
    this.#time[Symbol.dispose]();
  }
}

Deno.test("an idle server is tidied once after its work, and once more after more of it", async () => {
  using house = new House();
  for (const tidied of [1, 2]) {
    await house.look(1, HOUSEKEEPING_WORK_MS);
    await house.look(10);
    assert.equal(house.tidied, tidied);
  }
});

Deno.test("a server is tidied once it has started, for what that left behind", async () => {
  using house = new House(undefined, HOUSEKEEPING_WORK_MS);
  await house.look(10);
  assert.equal(house.tidied, 1);
});

Deno.test("a busy server is not tidied until it is idle", async () => {
  using house = new House();
  await house.look(50, idleMs + 1);
  assert.equal(house.tidied, 0);
  await house.look(1, idleMs);
  assert.equal(house.tidied, 1);
});

Deno.test("too little work is not tidied up after; much of it bit by bit is", async () => {
  using house = new House();
  await house.look(1, HOUSEKEEPING_WORK_MS - 1);
  await house.look(10);
  assert.equal(house.tidied, 0);
  await house.look(1, 1);
  assert.equal(house.tidied, 1);
});

Deno.test("its own work is not counted, and is not begun again while it goes on", async () => {
  const goesOn = Promise.withResolvers<void>();
  using house = new House(async () => {
    await goesOn.promise;
    house.usedMs += 10 * HOUSEKEEPING_WORK_MS;
  });
  await house.look(1, HOUSEKEEPING_WORK_MS);
  await house.look(10, idleMs);
  assert.equal(house.tidied, 1);
  goesOn.resolve();
  await house.look(10);
  assert.equal(house.tidied, 1);
});

Deno.test("tidying that fails is logged, ends nothing, and is tried again after more work", async () => {
  using house = new House(() => Promise.reject(new Error("No room")));
  for (const tidied of [1, 2]) {
    await house.look(1, HOUSEKEEPING_WORK_MS);
    await house.look(10);
    assert.equal(house.tidied, tidied);
    assert.equal(house.lines.length, tidied);
    assert.match(house.lines.at(-1)!, /ERROR housekeeping failed reason="Error: No room"\n$/);
  }
});

Deno.test("nothing is tidied once it is stopped", async () => {
  using house = new House();
  house.stop();
  await house.look(1, HOUSEKEEPING_WORK_MS);
  await house.look(10);
  assert.equal(house.tidied, 0);
});
