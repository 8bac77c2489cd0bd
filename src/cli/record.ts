import { parseCount } from "./count.ts";
import { defineCommand } from "./command.ts";
import { serverFlags } from "./server_flags.ts";
import { UsageError } from "./usage_error.ts";

const flags = {
  ...serverFlags,
  "on-server": {
    help:
      "Let the server record on its own disk, print the recording's id and its path, and end; without FILE in the " +
      "folder of its --record-dir",
  },
  "stop": { value: "ID", help: "End a recording of the server's, and print what came of it" },
  "keys": {
    help:
      "With --on-server, record what is typed, too; of lines that the terminal does not show, such as passwords, how " +
      "long they are",
  },
  "max-bytes": { value: "N", help: "With --on-server, bytes of the file at the most" },
} as const;

/** `exec-server record` */
export const record = defineCommand({
  name: "record",
  summary: "Record what a process of a server prints from now on",
  operands: "NAME [FILE]",
  complete: "processes",
  description:
    `NAME is a process's name, its handle, or the beginning of that. FILE, which must not exist, becomes a recording in \
asciicast v3: it begins with what the process's terminal shows, and ends with the process or with Ctrl-C. Where somebody \
takes the keyboard stands in it; keys only with --keys. The process does not wait: what came too fast is a marker.

"exec-server export" makes a recording of what has been.`,
  examples: [
    "--url ws://127.0.0.1:9000 build build.cast",
    "--on-server build",
    "--stop 0f2cb4f6-2f0e-4d6e-8f3b-0a4f6f0f7a11",
  ],
  flags,
  async run({ flags: { "on-server": onServer, stop, keys, "max-bytes": limit, ...choice }, rest }, host) {
    if (stop !== undefined && (onServer || rest.length > 0)) {
      throw new UsageError("--stop ends a recording: it takes nothing else");
    }
    if (keys && !onServer) {
      throw new UsageError("--keys is for --on-server: only the server sees all that is typed");
    }
    if (limit !== undefined && !onServer) throw new UsageError("--max-bytes is for --on-server");
    const [name, file, surplus] = rest;
    if (surplus !== undefined) throw new UsageError(`"record" takes one file, not also "${surplus}"`);
    const { oneName, openShared } = await import("./shared_target.ts");
    const named = stop === undefined ? oneName("record", name === undefined ? [] : [name]) : "";
    if (stop === undefined && !onServer && file === undefined) {
      throw new UsageError('"record" needs a file to write, or --on-server');
    }
    const maxBytes = limit === undefined ? undefined : parseCount("max-bytes", limit);
    await using target = await openShared(choice, host);
    if (stop !== undefined) {
      const { stopRecording } = await import("./server_recording.ts");
      return await stopRecording(target, stop, host);
    }
    if (onServer) {
      const { recordOnServer } = await import("./server_recording.ts");
      return await recordOnServer(target, named, { path: file, maxBytes, keys }, host);
    }
    const { recordTo } = await import("./record_to.ts");
    return await recordTo(target, named, file!);
  },
});
