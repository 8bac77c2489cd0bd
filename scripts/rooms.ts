/** The rooms of `src`, as the import check holds them and ARCHITECTURE.md shows them. */

export interface Room {
  /** What is in it, in a sentence. */
  readonly holds: string;
  /** Rooms that it may import, beside itself and `std`. Files right in `src` are open to all. */
  readonly imports: readonly string[];
}

/** From the ground up: each room imports only rooms before it. */
export const rooms: Readonly<Record<string, Room>> = {
  std: {
    holds: "What is used of Deno's standard library, by paths that an installed package has too.",
    imports: [],
  },
  native: {
    holds: "What the rooms below the wire speak: paths as text that loses no byte, and their own errors.",
    imports: [],
  },
  protocol: {
    holds: "What goes over the wire: envelope, method table, schemas, errors, URIs, ids. No I/O.",
    imports: ["native"],
  },
  log: {
    holds: "`OutputLog`, the one place of a process's output, and the places that readers have in it.",
    imports: ["protocol"],
  },
  observe: {
    holds: "What the program tells of itself: the logger, metrics, and what leaves by OTLP.",
    imports: [],
  },
  tls: {
    holds: "Certificates and keys: read from files, checked, renewed, and the names in them.",
    imports: ["native", "observe"],
  },
  transport: {
    holds: "Message transports of both ends: WebSocket, Unix socket, stdio; listening; lines.",
    imports: ["native", "protocol", "observe", "tls"],
  },
  host: {
    holds:
      "The ports that `src/runtime` fills, this machine's facts, and how calls that may never return hold nobody up.",
    imports: ["native", "protocol"],
  },
  sandbox: {
    holds: "Policies of confinement: resolved to what they say of each path, a grade and a plan.",
    imports: ["native", "protocol", "host"],
  },
  spool: { holds: "Output on disk that memory has no room for.", imports: ["log", "observe", "host"] },
  process: {
    holds: "Processes of this machine: start, state, stdin, termination, the table of them.",
    imports: ["spool", "native", "protocol", "log", "host", "sandbox"],
  },
  usage: {
    holds: "How much of a machine is in use: processors, memory, disks, and what its processes have of them.",
    imports: ["native", "host", "process"],
  },
  file_system: { holds: "The operations behind `fs/*`.", imports: ["native", "host"] },
  http_request: { holds: "The requests behind `http/*`.", imports: ["native"] },
  network_proxy: {
    holds: "The way out of a process: HTTP, CONNECT and SOCKS5, and the decisions about each host.",
    imports: ["native", "host"],
  },
  codex: {
    holds: "What only Codex means: its configuration, named environments, capabilities, skills.",
    imports: ["native", "protocol", "host", "process"],
  },
  screen: { holds: "Screens kept by `@xterm/headless`.", imports: ["native", "protocol", "log", "process"] },
  recording: {
    holds: "Recordings of what processes print, in asciicast v3: written, read, and kept by a server.",
    imports: ["native", "protocol", "log", "observe", "process"],
  },
  session: {
    holds: "Sessions, and their places in the logs of processes.",
    imports: ["protocol", "log", "observe", "process"],
  },
  console: {
    holds:
      "The web console: logins, and what the page of browsers is made of; the page itself is in `page/`.",
    imports: ["protocol"],
  },
  endpoint: {
    holds: "The Hono app: handshake, access, bearer tokens.",
    imports: ["protocol", "transport", "observe", "console"],
  },
  server: {
    holds: "The server: connections, requests and their handlers, what is sent.",
    imports: [
      "native",
      "protocol",
      "log",
      "observe",
      "transport",
      "host",
      "spool",
      "process",
      "sandbox",
      "usage",
      "file_system",
      "http_request",
      "network_proxy",
      "codex",
      "recording",
      "screen",
      "session",
      "console",
      "endpoint",
    ],
  },
  client: {
    holds: "`ExecServerClient`: calls, what is told of processes, recovery.",
    imports: ["protocol", "log", "transport"],
  },
  machine: {
    holds: "The library: a machine's processes, files and HTTP, with `local/` and `remote/`.",
    imports: [
      "native",
      "protocol",
      "log",
      "transport",
      "host",
      "process",
      "sandbox",
      "usage",
      "file_system",
      "http_request",
      "network_proxy",
      "codex",
      "screen",
      "client",
    ],
  },
  fleet: {
    holds: "Hosts that are reached through a broker: the carrier, hosts, who finds them, a gateway.",
    imports: ["native", "protocol", "observe", "transport", "endpoint"],
  },
  collect: {
    holds: "Output that is collected, with its middle left out where it is long.",
    imports: ["log", "client", "machine"],
  },
  mcp: {
    holds: "MCP: over the stdio of a process, and in `tools` the server of tools for agents.",
    imports: ["protocol", "log", "transport", "recording", "client", "machine"],
  },
  "console/page": {
    holds: "The console's page, which runs in browsers: bundled by `deno task console`.",
    imports: ["protocol", "log", "recording", "client", "machine"],
  },
  cli: {
    holds: "The command line: one file per command.",
    imports: [
      "native",
      "protocol",
      "log",
      "observe",
      "tls",
      "transport",
      "host",
      "spool",
      "process",
      "file_system",
      "network_proxy",
      "codex",
      "recording",
      "screen",
      "console",
      "endpoint",
      "server",
      "client",
      "machine",
      "fleet",
      "collect",
      "mcp",
    ],
  },
  runtime: {
    holds: "The only place that names a runtime or a system call: `posix`, `linux`, `deno`, `bun`.",
    imports: [
      "native",
      "protocol",
      "observe",
      "tls",
      "transport",
      "host",
      "process",
      "file_system",
      "server",
      "client",
      "machine",
      "mcp",
      "collect",
      "cli",
    ],
  },
};
