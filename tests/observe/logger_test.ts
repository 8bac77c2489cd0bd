import assert from "node:assert/strict";
import { LOG_VALUE_CHARS } from "../../src/limits.ts";
import { Logger, type LoggerOptions } from "../../src/observe/logger.ts";

function open(options: Partial<LoggerOptions> = {}): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const logger = new Logger({ level: "info", format: "text", write: (line) => lines.push(line), ...options });
  return { logger, lines };
}

Deno.test("a line has a time, a level, an event and its fields", () => {
  const { logger, lines } = open();
  logger.info("process started", { process: "a-1", pid: 5, tty: false, code: null, missing: undefined });
  assert.match(
    lines[0]!,
    /^\d{4}-\d\d-\d\dT[\d:.]+Z INFO {2}process started process=a-1 pid=5 tty=false code=null\n$/,
  );
});

Deno.test("a JSON line has the same as members", () => {
  const { logger, lines } = open({ format: "json" });
  logger.warn("x", { process: 'a"\n', pid: 5, missing: undefined });
  const { time, ...rest } = JSON.parse(lines[0]!);
  assert.ok(Date.parse(time) > 0);
  assert.deepEqual(rest, { level: "warn", event: "x", process: 'a"\n', pid: 5 });
});

Deno.test("a level lets through what is at least as grave", () => {
  const counts = (["off", "error", "warn", "info", "debug"] as const).map((level) => {
    const { logger, lines } = open({ level });
    logger.error("e");
    logger.warn("w");
    logger.info("i");
    logger.debug("d");
    return lines.length;
  });
  assert.deepEqual(counts, [0, 1, 2, 3, 4]);
});

Deno.test("a name that a client made up forges no line and drives no terminal", () => {
  const { logger, lines } = open();
  logger.info("x", { process: "a\n2026 ERROR forged\u001b[2J\u009b2J\u007f b=c" });
  assert.equal(lines[0]!.split("\n").length, 2);
  assert.match(lines[0]!, /^[\x20-\x7e]*\n$/);
});

Deno.test("what ends a line, drives a terminal or turns text round is escaped in both formats", () => {
  const name = "\u007f\u0085\u009b31m\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069 \u00e9\u4e16";
  for (const format of ["text", "json"] as const) {
    const { logger, lines } = open({ format });
    logger.info("x", { process: name });
    assert.match(lines[0]!, /^[\x20-\x7e\u00e9\u4e16]*\n$/);
    const json = format === "json"
      ? JSON.parse(lines[0]!).process
      : JSON.parse(lines[0]!.split("process=")[1]!);
    assert.equal(json, name);
  }
});

Deno.test("a name of any length makes a line of moderate length", () => {
  for (const format of ["text", "json"] as const) {
    const { logger, lines } = open({ format });
    logger.info("x", { process: "n".repeat(10_000_000) });
    assert.ok(lines[0]!.length < LOG_VALUE_CHARS + 150);
    assert.match(lines[0]!, /n\.\.\./);
  }
});
