import { defineCommand } from "./command.ts";
import { forwardedPort } from "./forwarded_port.ts";
import { serverFlags } from "./server_flags.ts";
import { sshCopyFlags } from "./ssh_copy_flags.ts";
import { UsageError } from "./usage_error.ts";

const flags = {
  ...serverFlags,
  ...sshCopyFlags,
  "quiet": { short: "q", help: "Say nothing of connections that fail" },
} as const;

/** `exec-server forward` */
export const forward = defineCommand({
  name: "forward",
  summary: "Have ports of a server's machine on this one",
  operands: "[[ADDRESS:]LOCAL:]PORT...",
  description:
    `Each PORT of the server's machine is listened for on this one, on the same port or on LOCAL: 8080, 9000:8080, \
127.0.0.1:9000:8080, and :8080 on any free port. Only programs of this machine reach it, unless an ADDRESS such as 0.0.0.0 \
says otherwise. HOST:PORT behind LOCAL is a port of another host, as the server knows it, where that was started with \
--forward-to HOST: 5432:db.internal:5432.

Prints where it listens and what is there, a line for each, and goes on until Ctrl-C. Connections outlive a lost connection \
to the server that comes back.

Exit status: 0 after Ctrl-C, 1 when a place cannot be had to listen, 2 for a command line that cannot be followed, 125 when \
the server is not there, is lost or forwards no ports.`,
  examples: [
    "--url ws://127.0.0.1:9000 8080",
    "--environment build 9000:8080 :5432",
    "--url ssh://build 3000",
    "--on builder 127.0.0.1:5432:db.internal:5432",
  ],
  flags,
  async run({ flags, rest }, host) {
    const ports = rest.map(forwardedPort);
    if (ports.length === 0) {
      throw new UsageError("forward needs a port: exec-server forward [[ADDRESS:]LOCAL:]PORT...");
    }
    const { forwardPorts } = await import("./forward_ports.ts");
    return await forwardPorts(ports, flags, host);
  },
});
