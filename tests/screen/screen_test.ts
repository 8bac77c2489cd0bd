import { deepEqual, equal, rejects } from "node:assert/strict";
import { RETAINED_OUTPUT_BYTES, SCREEN_CELLS, SCREEN_LAG_BYTES } from "../../src/limits.ts";
import { FakeProcess } from "./fake_process.ts";

const KiB = 1024;

Deno.test("a screen without output is empty", async () => {
  const { seq, lines, cursor } = await new FakeProcess({ rows: 2, cols: 10 }).text();
  deepEqual({ seq, lines, cursor }, { seq: 0, lines: ["", ""], cursor: { row: 0, col: 0, visible: true } });
});

Deno.test("a look is true up to the last event, whatever it is", async () => {
  const process = new FakeProcess().write("a");
  equal((await process.text()).seq, 1);
  process.write("b");
  process.log.appendExited(0);
  equal((await process.text()).seq, 3);
  process.log.appendClosed();
  const { seq, lines } = await process.text();
  deepEqual([seq, lines[0]], [4, "ab"]);
});

Deno.test("looks at the same time are each answered, in their order", async () => {
  const process = new FakeProcess().write("a");
  const first = process.text();
  process.write("b");
  const second = process.cells();
  const third = process.ansi();
  // The log is read when the look's turn comes: what arrived meanwhile may be there already.
  equal((await first).lines[0], "ab");
  deepEqual((await second).lines[0], [{ text: "ab" }]);
  equal((await third).text, "ab");
});

Deno.test("a screen that begins late is the same as one that was looked at all the time", async () => {
  const [late, early] = [new FakeProcess(), new FakeProcess()];
  const sizes = [{ rows: 10, cols: 30 }, { rows: 30, cols: 100 }, { rows: 5, cols: 7 }, {
    rows: 24,
    cols: 80,
  }];
  for (const [index, size] of sizes.entries()) {
    for (const process of [late, early]) {
      process.write(`\x1b[3${index}m${"word ".repeat(25)}\r\n你好\x1b[?25`).write("h$ ");
      process.sizes.record({ rows: 3, cols: 3 });
      process.sizes.record(size);
      process.write("after");
    }
    deepEqual((await early.text()).size, size);
  }
  deepEqual(await late.cells(100), await early.cells(100));
});

Deno.test("a look after a resize has the new size, though nothing was printed since", async () => {
  const process = new FakeProcess().write("x".repeat(30) + "\r\n");
  await process.text();
  process.sizes.record({ rows: 4, cols: 20 });
  const { size, lines } = await process.text();
  deepEqual({ size, lines }, {
    size: { rows: 4, cols: 20 },
    lines: ["x".repeat(20), "x".repeat(10), "", ""],
  });
});

Deno.test("bytes that are no UTF-8 are shown as such, one by one, and spoil nothing", async () => {
  const process = new FakeProcess().write(new Uint8Array([0x61, 0xe4, 0xff, 0xe4, 0xbd, 0x62]));
  equal((await process.text()).lines[0], "a\ufffd\ufffd\ufffdb");
});

Deno.test("what was evicted before the first look is told", async () => {
  const process = new FakeProcess();
  const chunk = "\n".repeat(64 * KiB);
  for (let i = 0; i < 48; i++) process.write(chunk);
  process.write("end");
  const { missedBytes, lines, seq } = await process.text();
  // The 3 bytes at the end cost a whole chunk.
  equal(missedBytes, 48 * 64 * KiB - RETAINED_OUTPUT_BYTES + 64 * KiB);
  deepEqual([seq, lines[23]], [49, "end"]);
});

Deno.test("what was evicted between two looks is told, and what it cut off spoils nothing", async () => {
  for (const cut of [new Uint8Array([0xe4, 0xbd]), "\x1b[3", "\x1b]0;title"]) {
    const process = new FakeProcess().write("begin").write(cut);
    equal((await process.text()).missedBytes, 0);
    // All at once, so that the screen has no time to follow.
    for (let i = 0; i < 32; i++) process.write("x".repeat(64 * KiB));
    process.write("\r\x1b[Kend");
    const { missedBytes, lines, title } = await process.text();
    equal(missedBytes, 32 * 64 * KiB - RETAINED_OUTPUT_BYTES + 64 * KiB);
    deepEqual([lines[23], title], ["end", ""]);
    // It is told from then on.
    equal((await process.write("more").text()).missedBytes, missedBytes);
  }
});

Deno.test("a screen that was looked at follows by itself before output is evicted", async () => {
  const process = new FakeProcess();
  await process.text();
  process.write("first").write("x".repeat(SCREEN_LAG_BYTES));
  await new Promise((resolve) => setTimeout(resolve));
  process.write("y".repeat(RETAINED_OUTPUT_BYTES));
  equal(process.log.firstFrom(1)?.seq, 3);
  equal((await process.text()).missedBytes, 0);
});

Deno.test("a screen that waits for its turn takes in what is evicted meanwhile", async () => {
  const process = new FakeProcess();
  await process.text();
  const { turns } = process;
  await turns.take();
  process.write("first").write("x".repeat(SCREEN_LAG_BYTES));
  await new Promise((resolve) => setTimeout(resolve));
  process.write("y".repeat(RETAINED_OUTPUT_BYTES));
  turns.end();
  equal((await process.text()).missedBytes, 0);
});

Deno.test("a screen that was disposed of does not listen any more", async () => {
  const process = new FakeProcess();
  await process.text();
  equal(process.log.listeners.size, 1);
  process.screen.dispose();
  equal(process.log.listeners.size, 0);
});

Deno.test("a terminal beyond all screens is refused, and shown again when it is resized", async () => {
  for (const size of [{ rows: 1_000, cols: SCREEN_CELLS / 1_000 + 1 }, { rows: 24, cols: 1 }]) {
    const process = new FakeProcess(size).write("x");
    await rejects(process.text(), { code: "REFUSED", message: /^no screen is kept of a terminal of/ });
    process.sizes.record({ rows: 2, cols: 20 });
    deepEqual((await process.text()).lines, ["x", ""]);
    process.write("y");
    process.sizes.record(size);
    await rejects(process.text(), { code: "REFUSED" });
    process.write("z");
    process.sizes.record({ rows: 2, cols: 10 });
    deepEqual((await process.text()).lines, ["xyz", ""]);
  }
});

Deno.test("a terminal that was refused is not followed either", async () => {
  const process = new FakeProcess({ rows: 65_535, cols: 65_535 });
  await rejects(process.text(), { code: "REFUSED" });
  for (let i = 0; i < 24; i++) process.write("x".repeat(64 * KiB));
  await new Promise((resolve) => setTimeout(resolve));
  process.sizes.record({ rows: 2, cols: 20 });
  // What is evicted by now is missing, since there was nothing to put it on.
  equal((await process.text()).missedBytes, 8 * 64 * KiB);
});

Deno.test("a failure is told, and the next look begins anew", async () => {
  const process = new FakeProcess().write("one ").write("two");
  const { at } = process.sizes;
  process.sizes.at = (seq) => {
    if (seq === 2) throw new Error("out of order");
    return at.call(process.sizes, seq);
  };
  await rejects(process.text(), { code: "FAILED", message: "cannot show the screen: out of order" });
  process.sizes.at = at;
  equal((await process.text()).lines[0], "one two");
});
