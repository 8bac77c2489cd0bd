import { strictEqual as is } from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { textOf } from "../../support/client.ts";
import { fails, pattern, sameBytes, wholeOf } from "../../support/expect.ts";
import type { MachineBehaviours } from "../machine_suite.ts";

/** Files part by part. */
export const fileStreamBehaviours: MachineBehaviours = {
  "a stream gives every byte of a file": async ({ machine: { fileSystem }, folder }) => {
    for (const length of [0, 1, 1 << 20, (3 << 20) + 5]) {
      const bytes = pattern(length);
      writeFileSync(`${folder}/file`, bytes);
      sameBytes(await wholeOf(fileSystem.readStream(`${folder}/file`)), bytes);
    }
  },
  "a stream is iterated part by part": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, pattern(2_500_000));
    let length = 0;
    for await (const part of fileSystem.readStream(`${folder}/file`)) length += part.length;
    is(length, 2_500_000);
  },
  "a stream of a missing file fails with its code": async ({ machine: { fileSystem }, folder }) => {
    await fails(fileSystem.readStream(`${folder}/none`).getReader().read(), -32004);
    await fails(fileSystem.writeStream(`${folder}/none/file`).getWriter().write(pattern(1)), -32004);
  },
  "a stream that is left closes its file": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, pattern(5_000_000));
    for (let round = 0; round < 150; round++) {
      const reader = fileSystem.readStream(`${folder}/file`).getReader();
      await reader.read();
      await reader.cancel();
    }
  },
  "what is written to a stream is in the file": async ({ machine: { fileSystem }, folder }) => {
    const bytes = pattern(3_500_001);
    writeFileSync(`${folder}/file`, pattern(5_000_000));
    const writer = fileSystem.writeStream(`${folder}/file`).getWriter();
    for (const [from, to] of [[0, 10], [10, 10], [10, 2_500_000], [2_500_000, bytes.length]]) {
      await writer.write(bytes.subarray(from, to));
    }
    await writer.close();
    sameBytes(readFileSync(`${folder}/file`), bytes);
  },
  "one stream is piped into another": async ({ machine: { fileSystem }, folder }) => {
    const bytes = pattern(6_000_000);
    writeFileSync(`${folder}/from`, bytes);
    await fileSystem.readStream(`${folder}/from`).pipeTo(fileSystem.writeStream(`${folder}/to`));
    sameBytes(readFileSync(`${folder}/to`), bytes);
  },
  "an open file is read at any offset": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "0123456789");
    await using file = await fileSystem.open(`${folder}/file`);
    const read = async (offset: number, length?: number) => {
      const { bytes, eof } = await file.read(offset, length);
      return `${textOf(bytes)} ${eof}`;
    };
    is(await read(3, 4), "3456 false");
    is(await read(0, 10), "0123456789 false");
    is(await read(8, 4), "89 true");
    is(await read(0), "0123456789 true");
    is(await read(100, 1), " true");
  },
  "an open file is written at any offset": async ({ machine: { fileSystem }, folder }) => {
    await using file = await fileSystem.open(`${folder}/file`, "replace");
    await file.write(4, new TextEncoder().encode("late"));
    await file.write(0, new TextEncoder().encode("ab"));
    is(readFileSync(`${folder}/file`, "latin1"), "ab\0\0late");
  },
  "opening to replace empties the file at once": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "content");
    await using _file = await fileSystem.open(`${folder}/file`, "replace");
    is(statSync(`${folder}/file`).size, 0);
  },
  "a block of no bytes or too many is refused": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "x");
    await using reading = await fileSystem.open(`${folder}/file`);
    await fails(reading.read(0, 0), -32600, /between 1 and 1048576/);
    await fails(reading.read(0, (1 << 20) + 1), -32600);
    is(textOf((await reading.read(0)).bytes), "x");
    await using writing = await fileSystem.open(`${folder}/other`, "replace");
    await fails(writing.write(0, new Uint8Array()), -32600);
    await fails(writing.write(0, pattern((1 << 20) + 1)), -32600);
  },
  "a negative or broken offset is refused": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "x");
    await using file = await fileSystem.open(`${folder}/file`);
    await fails(file.read(-1, 1), -32602);
    await fails(file.read(0.5, 1), -32602);
  },
  "a file cannot be written when it is open to read, nor the other way": async (
    { machine: { fileSystem }, folder },
  ) => {
    writeFileSync(`${folder}/file`, "x");
    await using reading = await fileSystem.open(`${folder}/file`);
    await fails(reading.write(0, pattern(1)), -32603);
    await using writing = await fileSystem.open(`${folder}/file`, "replace");
    await fails(writing.read(0, 1), -32603);
  },
  "a closed file is closed": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "x");
    const file = await fileSystem.open(`${folder}/file`);
    await file[Symbol.asyncDispose]();
    await file[Symbol.asyncDispose]();
    await fails(file.read(0, 1), -32004);
  },
  "what is no regular file is not opened": async ({ machine: { fileSystem }, folder }) => {
    await fails(fileSystem.open(folder), -32600);
    await fails(fileSystem.open("/dev/null"), -32600);
    await fails(fileSystem.open(`${folder}/none`), -32004);
  },
  "at most 128 files are open": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "x");
    const files = await Promise.all(Array.from({ length: 128 }, () => fileSystem.open(`${folder}/file`)));
    await fails(fileSystem.open(`${folder}/file`), -32600, /at most 128/);
    await files.pop()![Symbol.asyncDispose]();
    files.push(await fileSystem.open(`${folder}/file`));
    await Promise.all(files.map((file) => file[Symbol.asyncDispose]()));
  },
};
