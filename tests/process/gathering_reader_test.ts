import assert from "node:assert/strict";
import { FLOOD_AFTER_BYTES, FLOOD_CHUNK_BYTES, OUTPUT_CHUNK_BYTES } from "../../src/limits.ts";
import type { ByteSource } from "../../src/host/child_process.ts";
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

/** A source of one long stream that gives whatever is asked for, and notes how much that was. */
function endless(length: number, enlarge: () => boolean): ByteSource & { asked: number[] } {
  const asked: number[] = [];
  let at = 0;
  return {
    asked,
    async read(maxBytes) {
      asked.push(maxBytes);
      // Not at once: a read that somebody forgot would take the bytes with it.
      await new Promise((resolve) => setTimeout(resolve));
      const bytes = Uint8Array.from({ length: Math.min(maxBytes, length - at) }, (_, i) => (at + i) % 251);
      at += bytes.length;
      return bytes.length > 0 ? bytes : null;
    },
    enlarge,
    cancel() {},
  };
}

Deno.test("GatheringReader lets an enlarged source gather a flood, from the first chunk of it on", async () => {
  let enlarged = 0;
  const source = endless(8e6, () => ++enlarged > 0);
  const reader = new GatheringReader(source);
  let at = 0;
  for (let bytes = await reader.read(); bytes; bytes = await reader.read()) {
    assert.ok(bytes.every((byte, i) => byte === (at + i) % 251), `from byte ${at} on`);
    at += bytes.length;
  }
  assert.equal(at, 8e6);
  assert.equal(enlarged, 1);
  assert.deepEqual([...new Set(source.asked)], [OUTPUT_CHUNK_BYTES, FLOOD_CHUNK_BYTES]);
  assert.equal(source.asked.indexOf(FLOOD_CHUNK_BYTES), untilFlood);
});

Deno.test("GatheringReader puts the chunks together itself where a source cannot be enlarged", async () => {
  let asked = 0;
  const source = sourceOf(Array.from({ length: 2 * untilFlood }, full));
  const all = await lengths(new GatheringReader({ ...source, enlarge: () => (asked++, false) }));
  assert.equal(all.reduce((sum, length) => sum + length), 2 * FLOOD_AFTER_BYTES);
  assert.equal(Math.max(...all), FLOOD_CHUNK_BYTES);
  assert.equal(asked, 1);
});
