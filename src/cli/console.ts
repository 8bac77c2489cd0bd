import process from "node:process";
import { defineCommand } from "./command.ts";
import { nearestOrigin } from "./console_origin.ts";
import { oneOf } from "./one_of.ts";
import { print } from "./print.ts";
import { serverFlags } from "./server_flags.ts";
import { UsageError } from "./usage_error.ts";

const roles = ["view", "control", "full"] as const;

/** `exec-server console` */
export const console = defineCommand({
  name: "console",
  summary: "Print a link that logs a browser in to a server's web console",
  operands: "",
  description:
    `The server must have been started with serve --console. The link holds a secret, logs in once, and is \
good for five minutes; the login lasts for twelve hours, or until the server ends.`,
  examples: ["--url ws://127.0.0.1:9000", "--open --role view --environment build"],
  flags: {
    ...serverFlags,
    role: {
      value: "ROLE",
      complete: roles,
      help:
        "What it lets do: view, control (take the keyboard, too) or full; what the connection may by default",
    },
    open: { help: "Open it in this machine's browser, too" },
  },
  async run({ flags: { role, open, ...choice }, rest }, host) {
    if (rest.length > 0) throw new UsageError(`"console" takes no operand such as "${rest[0]}"`);
    const { chosenServer } = await import("./server_flags.ts");
    const { openTarget } = await import("./target.ts");
    const wanted = role === undefined ? undefined : oneOf("role", role, roles);
    const server = await chosenServer(choice, host);
    await using target = await openTarget(server, host);
    const { client } = target;
    if (!client.can("console")) {
      throw new UsageError("this server has no console: start it with exec-server serve --console");
    }
    const { path, urls } = await client.call("console/link", { role: wanted });
    // The way that led here leads there, too: the server may know itself by another name.
    const reached = typeof server === "object" && "url" in server ? server.url : undefined;
    const url = nearestOrigin(reached, urls) + path;
    if (open) await openBrowser(url);
    return await print(host, `${url}\n`);
  },
});

/** @throws {UsageError} where there is nothing that opens a URL */
async function openBrowser(url: string): Promise<void> {
  const { spawn } = await import("node:child_process");
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const opened = spawn(program, [url], { stdio: "ignore", detached: true });
  await new Promise<void>((resolve, reject) => {
    opened.once("spawn", resolve);
    opened.once(
      "error",
      () => reject(new UsageError(`--open needs ${program}; without --open the link is printed`)),
    );
  });
  opened.unref();
}
