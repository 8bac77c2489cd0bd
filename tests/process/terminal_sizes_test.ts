import { deepEqual } from "node:assert/strict";
import { RETAINED_OUTPUT_BYTES } from "../../src/limits.ts";
import { OutputLog } from "../../src/log/output_log.ts";
import { TerminalSizes } from "../../src/process/terminal_sizes.ts";

const small = { rows: 10, cols: 40 };
const middle = { rows: 24, cols: 80 };
const large = { rows: 50, cols: 200 };

function setUp(): { log: OutputLog; sizes: TerminalSizes; write: (bytes?: number) => void } {
  const log = new OutputLog();
  return {
    log,
    sizes: new TerminalSizes(log, small),
    write: (bytes = 1) => log.appendOutput("pty", new Uint8Array(bytes)),
  };
}

Deno.test("a size holds from the event after it was set", () => {
  const { sizes, write } = setUp();
  write();
  write();
  sizes.record(large);
  write();
  deepEqual([1, 2, 3, 4].map((seq) => sizes.at(seq)), [small, small, large, large]);
  deepEqual(sizes.current, large);
});

Deno.test("of sizes without output between them the last holds", () => {
  const { sizes, write } = setUp();
  sizes.record(large);
  sizes.record(middle);
  write();
  deepEqual([0, 1, 2].map((seq) => sizes.at(seq)), [middle, middle, middle]);
});

Deno.test("sizes from before the retained output are let go", () => {
  const { log, sizes, write } = setUp();
  write();
  sizes.record(middle);
  write(RETAINED_OUTPUT_BYTES);
  deepEqual(log.firstFrom(1)?.seq, 2);
  sizes.record(large);
  deepEqual([1, 2, 3].map((seq) => sizes.at(seq)), [middle, middle, large]);
});
