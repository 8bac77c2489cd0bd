import assert from "node:assert/strict";
import { FLOOD_AFTER_BYTES, FLOOD_CHUNK_BYTES, OUTPUT_CHUNK_BYTES } from "../../src/limits.ts";
import type { ByteSource } from "../../src/process/child_process.ts";
import { GatheringReader } from "../../src/process/gathering_reader.ts";

/** A source that gives chunks as fast as they are asked for, and waits where a promise stands among them. */
function sourceOf(chunks: (Uint8Array | Promise<void>)[]): ByteSource {
  return {
    async read() {
      for (let next = chunks.shift(); next; next = chunks.shift()) {
        if (next instanceof Uint8Array) return next;
        await next;
      }
      return null;
    },
    cancel() {},
  };
}

async function lengths(reader: GatheringReader): Promise<number[]> {
  const all: number[] = [];
  for (let bytes = await reader.read(); bytes; bytes = await reader.read()) all.push(bytes.length);
  return all;
}

const full = () => new Uint8Array(OUTPUT_CHUNK_BYTES);
const untilFlood = FLOOD_AFTER_BYTES / OUTPUT_CHUNK_BYTES;

Deno.test("GatheringReader passes on every read as it comes, until the stream floods", async () => {
  const chunks = Array.from({ length: untilFlood - 1 }, full);
  assert.deepEqual(
    await lengths(new GatheringReader(sourceOf([...chunks]))),
    chunks.map(({ length }) => length),
  );
});

Deno.test("GatheringReader makes large chunks of a flood, in order, and loses nothing", async () => {
  const chunks = Array.from({ length: 200 }, (_, i) => full().fill(i));
  const reader = new GatheringReader(sourceOf([...chunks]));
  const parts: Uint8Array[] = [];
  for (let bytes = await reader.read(); bytes; bytes = await reader.read()) parts.push(bytes);
  assert.equal(Math.max(...parts.map(({ length }) => length)), FLOOD_CHUNK_BYTES);
  assert.ok(parts.length < 140, `${parts.length} chunks`);
  const firsts = parts.flatMap((part) => {
    const bytes: number[] = [];
    for (let at = 0; at < part.length; at += OUTPUT_CHUNK_BYTES) bytes.push(part[at]!);
    return bytes;
  });
  assert.deepEqual(firsts, chunks.map((_, i) => i));
});

Deno.test("GatheringReader lets nothing wait for bytes that do not come, and begins anew after a pause", async () => {
  const pause = Promise.withResolvers<void>();
  const chunks = [...Array.from({ length: untilFlood }, full), pause.promise, full(), full()];
  const reader = new GatheringReader(sourceOf(chunks));
  for (let i = 0; i < untilFlood; i++) assert.equal((await reader.read())?.length, OUTPUT_CHUNK_BYTES);
  pause.resolve();
  assert.equal((await reader.read())?.length, OUTPUT_CHUNK_BYTES);
  assert.equal((await reader.read())?.length, OUTPUT_CHUNK_BYTES);
  assert.equal(await reader.read(), null);
});
