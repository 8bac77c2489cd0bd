import { defineCommand } from "./command.ts";
import { oneOf } from "./one_of.ts";
import { serverFlags } from "./server_flags.ts";
import { UsageError } from "./usage_error.ts";

const formats = ["v3", "v2", "text", "raw"] as const;
const flags = {
  ...serverFlags,
  format: {
    value: "FORMAT",
    complete: formats,
    help:
      "v3 (by default) and v2: a recording in that version of asciicast; text: without what drives a terminal; " +
      "raw: every byte",
  },
} as const;

/** `exec-server export` */
export const exportCommand = defineCommand({
  name: "export",
  summary: "Make a recording of what a process of a server has put out",
  operands: "NAME [FILE]",
  complete: "processes",
  description:
    `NAME is a process's name, its handle, or the beginning of that. What the server keeps of its output becomes a \
recording with the times at which it came, also of a process that has ended. It is written to FILE, which must not exist, \
or to standard output. "exec-server play" shows it, and so does any player of asciicast; older players want --format v2.`,
  examples: [
    "--url ws://127.0.0.1:9000 build build.cast",
    "--format v2 build > build.cast",
    "--format text build",
  ],
  flags,
  async run({ flags: { format = "v3", ...choice }, rest }, host) {
    const asked = oneOf("format", format, formats);
    const [name, file, surplus] = rest;
    if (surplus !== undefined) throw new UsageError(`"export" takes one file, not also "${surplus}"`);
    const { oneName, openShared } = await import("./shared_target.ts");
    const named = oneName("export", name === undefined ? [] : [name]);
    await using target = await openShared(choice, host);
    const { exportTo } = await import("./export_to.ts");
    return await exportTo(target, named, { format: asked, file: file === "-" ? undefined : file }, host);
  },
});
