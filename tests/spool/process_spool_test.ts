import assert from "node:assert/strict";
import fc from "fast-check";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RETAINED_OUTPUT_BYTES, RETAINED_OUTPUT_CHUNKS } from "../../src/limits.ts";
import { OutputLog } from "../../src/log/output_log.ts";
import { Logger } from "../../src/observe/logger.ts";
import type { ProcessSpool } from "../../src/spool/process_spool.ts";
import { Spool } from "../../src/spool/spool.ts";
import { TempFolder } from "../support/temp_folder.ts";

const logger = new Logger({ level: "off", format: "text", write: () => {} });
const turn = () => new Promise((resolve) => setTimeout(resolve));

/** The seqs of everything that can be read, on disk and in memory, and a sum of its bytes. */
async function readable(log: OutputLog, spool: ProcessSpool): Promise<{ seqs: number[]; sum: number }> {
  const seqs: number[] = [];
  let sum = 0;
  for (let seq = 1; seq < log.nextSeq;) {
    const chunks = seq < log.firstSeq
      ? await spool.read({ fromSeq: seq }, 500_000)
      : log.read({ afterSeq: seq - 1 }).chunks;
    if (chunks.length === 0) break;
    for (const chunk of chunks) {
      seqs.push(chunk.seq);
      sum += chunk.bytes.reduce((sum, byte) => sum + byte, 0);
    }
    seq = seqs.at(-1)! + 1;
  }
  return { seqs, sum };
}

/** Appends as a process does: not while the log is full. */
async function append(log: OutputLog, size: number, fill: number): Promise<void> {
  while (log.full) await turn();
  log.appendOutput("stdout", new Uint8Array(size).fill(fill));
}

Deno.test("whatever is written, and in whatever parts, is in memory or on disk", async () => {
  await using folder = new TempFolder();
  const options = { folder: folder.path, processBytes: 1e9, totalBytes: 1e9, logger };
  await using spool = await Spool.open(options);
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 400_000 })), {
    minLength: 1,
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(sizes, async (sizes) => {
      const log = new OutputLog();
      const own = spool.follow("p", log);
      let sum = 0;
      for (const [i, size] of sizes.entries()) {
        await append(log, size, i % 200);
        sum += size * (i % 200);
      }
      log.appendExited(0);
      log.appendClosed();
      // What is due has been written by the time that nothing holds any of it.
      while (log.isHeld) await turn();
      const read = await readable(log, own);
      assert.deepEqual(read.seqs, sizes.map((_, i) => i + 1));
      assert.equal(read.sum, sum);
      assert.ok(log.retainedBytes <= RETAINED_OUTPUT_BYTES);
      await own.dispose();
    }),
    { numRuns: 40 },
  );
});

Deno.test("many tiny events leave memory for the disk, too", async () => {
  await using folder = new TempFolder();
  await using spool = await Spool.open({ folder: folder.path, processBytes: 1e9, totalBytes: 1e9, logger });
  const log = new OutputLog();
  const own = spool.follow("p", log);
  const count = RETAINED_OUTPUT_CHUNKS * 3;
  for (let i = 0; i < count; i++) await append(log, 1, 1);
  log.appendClosed();
  while (log.isHeld) await turn();
  assert.deepEqual((await readable(log, own)).seqs.length, count);
  assert.ok(log.firstSeq > count - RETAINED_OUTPUT_CHUNKS);
});

Deno.test("all processes together have a bound: whoever has the oldest file loses it", async () => {
  await using folder = new TempFolder();
  const options = { folder: folder.path, processBytes: 8_000_000, totalBytes: 10_000_000, logger };
  await using spool = await Spool.open(options);
  const logs = [new OutputLog(), new OutputLog()];
  const [first, second] = logs.map((log, i) => spool.follow(`p${i}`, log));
  for (const log of logs) for (let i = 0; i < 80; i++) await append(log, 100_000, 0);
  for (const log of logs) {
    log.appendClosed();
    while (log.isHeld) await turn();
  }
  assert.ok(first!.bytes + second!.bytes <= 10_000_000 + 2_000_000);
  assert.ok(second!.bytes > first!.bytes);
  assert.ok(!first!.has(1) && second!.has(1));
  assert.deepEqual(await first!.read({ fromSeq: 1 }, 1), await first!.read({ fromSeq: first!.firstSeq! }, 1));
});

Deno.test("what a closed process has in memory goes to disk before it is dropped there", async () => {
  await using folder = new TempFolder();
  await using spool = await Spool.open({ folder: folder.path, processBytes: 1e9, totalBytes: 1e9, logger });
  const log = new OutputLog();
  const own = spool.follow("p", log);
  await append(log, 1_000, 7);
  log.appendClosed();
  await own.writeRest();
  assert.equal(log.dropOutput(), true);
  assert.deepEqual(await readable(log, own), { seqs: [1], sum: 7_000 });
});

Deno.test("a folder of another machine, or of another container, is left alone", async () => {
  await using folder = new TempFolder();
  const options = { folder: folder.path, processBytes: 1e9, totalBytes: 1e9, logger };
  const own = async () => {
    await using _spool = await Spool.open(options);
    const [name] = readdirSync(folder.path);
    return JSON.parse(readFileSync(join(folder.path, name!, "owner.json"), "utf8"));
  };
  const here = { ...await own(), pid: 2 ** 22 + 1 };
  const owners = {
    gone: here,
    "of an earlier start": { ...here, boot: "another", namespace: "another", pid: 1 },
    elsewhere: { ...here, host: "elsewhere" },
    contained: { ...here, namespace: "another" },
    living: { ...here, pid: Deno.pid },
  };
  const names = Object.entries(owners).map(([who, owner], i) => {
    const name = `exec-server-0000000${i}-0000-0000-0000-000000000000`;
    mkdirSync(join(folder.path, name));
    writeFileSync(join(folder.path, name, "owner.json"), JSON.stringify(owner));
    return [name, who] as const;
  });
  mkdirSync(join(folder.path, "exec-server-of somebody"));
  const spool = await Spool.open(options);
  await spool[Symbol.asyncDispose]();
  const left = readdirSync(folder.path);
  assert.deepEqual(names.filter(([name]) => left.includes(name)).map(([, who]) => who), [
    "elsewhere",
    "contained",
    "living",
  ]);
  assert.ok(left.includes("exec-server-of somebody"));
});

Deno.test("a spool that ends while something is written leaves nothing, and says of no failure", async () => {
  await using folder = new TempFolder();
  const lines: string[] = [];
  const logger = new Logger({ level: "warn", format: "text", write: (line) => void lines.push(line) });
  for (let round = 0; round < 20; round++) {
    const spool = await Spool.open({ folder: folder.path, processBytes: 1e9, totalBytes: 1e9, logger });
    const owns = Array.from({ length: 5 }, (_, i) => {
      const log = new OutputLog();
      const own = spool.follow(`p${i}`, log);
      for (let chunk = 0; chunk < 30; chunk++) log.appendOutput("stdout", new Uint8Array(100_000));
      return own;
    });
    // Some are forgotten at once, some while they write, the rest with the spool.
    spool.forget(owns[0]!);
    await turn();
    spool.forget(owns[1]!);
    await spool[Symbol.asyncDispose]();
    assert.deepEqual(readdirSync(folder.path), []);
  }
  assert.deepEqual(lines, []);
});

Deno.test("what is on disk is read from the time on when it came, in whichever file that is", async () => {
  await using folder = new TempFolder();
  await using spool = await Spool.open({ folder: folder.path, processBytes: 4e6, totalBytes: 1e9, logger });
  const log = new OutputLog();
  const own = spool.follow("p", log);
  for (let i = 1; i <= 30; i++) {
    log.appendOutput("stdout", new Uint8Array(100_000), i * 10);
    while (log.full) await turn();
  }
  log.appendClosed();
  while (log.isHeld) await turn();
  const onDisk = (log.firstSeq - 1) * 10;
  for (let sinceMs = 5; sinceMs <= onDisk; sinceMs += 5) {
    const [first] = await own.read({ fromSeq: 1, sinceMs }, 1);
    assert.deepEqual([first?.seq, first?.atMs], [Math.ceil(sinceMs / 10), Math.ceil(sinceMs / 10) * 10]);
  }
  assert.deepEqual(await own.read({ fromSeq: 1, sinceMs: 10_000 }, 1), []);
});
