import { defineCommand } from "./command.ts";
import { print } from "./print.ts";
import { serverFlags } from "./server_flags.ts";

const flags = {
  ...serverFlags,
  ansi: { help: "With colours and the cursor's place, as codes that paint it on an empty terminal" },
} as const;

/** `exec-server screen` */
export const screen = defineCommand({
  name: "screen",
  summary: "Print what a person in front of a process's terminal would see",
  operands: "NAME",
  complete: "processes",
  description: "NAME is a process's name, its handle, or the beginning of that.",
  examples: ["--url ws://127.0.0.1:9000 build", "--ansi build"],
  flags,
  async run({ flags: { ansi, ...choice }, rest }, host) {
    const { oneName, openShared } = await import("./shared_target.ts");
    const name = oneName("screen", rest);
    await using target = await openShared(choice, host);
    const process = await target.processes.attach(name);
    const seen = await process.screen({ format: ansi ? "ansi" : "text" });
    if (seen.format === "ansi") return await print(host, seen.text);
    if (seen.format !== "text") throw new Error("the server answered with another format");
    const lines = seen.lines.join("\n").trimEnd();
    return await print(host, lines.replace(unshown, "\ufffd") + "\n");
  },
});

/** A screen has no controls; what a server says all the same must not drive this terminal. */
// deno-lint-ignore no-control-regex -- these are what terminals are driven with
const unshown = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/g;
