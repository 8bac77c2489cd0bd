import process from "node:process";
import { isServerUrl, notServerUrl } from "../transport/server_url.ts";
import type { ClientTls } from "../transport/client_tls.ts";
import { type ClientTlsChoice, clientTlsFlags, readClientTls } from "./client_tls.ts";
import { sshMachine } from "../transport/ssh_url.ts";
import { chosenFleet, type FleetChoice, fleetFlags, fleetGroup } from "./fleet_flags.ts";
import type { HostInFleet } from "./fleet_target.ts";
import { readToken } from "./read_token.ts";
import type { ProgramHost } from "./program_host.ts";
import type { Target } from "./target.ts";
import { UsageError } from "./usage_error.ts";

const where = "Where";

/** The flags that name a server, of every command that is a client. */
export const serverFlags = {
  "url": {
    value: "URL",
    group: where,
    help:
      "The server: ws://HOST:PORT, wss://HOST:PORT or unix:/PATH, for run also ssh://[USER@]HOST[:PORT], which starts " +
      "one there; $EXEC_SERVER_URL by default",
  },
  "environment": {
    value: "NAME",
    group: where,
    complete: "environments",
    help:
      "The server of this name in $CODEX_HOME/environments.toml, by default the one that it names as default; " +
      "local is this machine",
  },
  "token-file": {
    value: "FILE",
    group: where,
    complete: "files",
    help:
      "The bearer token for the server, in a file; $EXEC_SERVER_TOKEN_FILE or $EXEC_SERVER_TOKEN by default",
  },
  ...clientTlsFlags,
  "on": {
    value: "HOST|LABEL[,LABEL...]",
    group: fleetGroup,
    help: "The host of a fleet: its name, or labels that it has, of which the least busy is taken",
  },
  ...fleetFlags,
} as const;

/** What was given for them. */
export interface ServerChoice extends ClientTlsChoice, FleetChoice {
  readonly on?: string | undefined;
  readonly url: string | undefined;
  readonly environment: string | undefined;
  readonly "token-file": string | undefined;
}

/** A server that a command line or its environment names by its URL. */
export interface ServerAtUrl {
  readonly url: string;
  readonly token: string | undefined;
  readonly tls: ClientTls | undefined;
}

/**
 * The server that is named by its URL, if one is: a flag goes before the variables, and so does another name.
 *
 * @throws {UsageError} for what means nothing, alone or together
 */
export function serverAtUrl(choice: ServerChoice): ServerAtUrl | HostInFleet | undefined {
  const { url, environment, "token-file": file, on } = choice;
  if (on !== undefined) return { ...inFleet(choice, "on"), on };
  if (choice.fleet !== undefined) {
    throw new UsageError(
      "--fleet needs --on HOST, which says which of its hosts; exec-server hosts lists them",
    );
  }
  if (url !== undefined && environment !== undefined) {
    throw new UsageError("--url and --environment both name a server: choose one");
  }
  const { EXEC_SERVER_URL: usual } = process.env;
  const named = url ?? (environment === undefined && usual ? usual : undefined);
  if (named === undefined) {
    if (file !== undefined) throw new UsageError("--token-file is for a server that --url names");
    return undefined;
  }
  if (sshMachine(named)) {
    if (file !== undefined) throw new UsageError("--token-file is for a server that listens, not for ssh://");
    return { url: named, token: undefined, tls: readClientTls(choice, named) };
  }
  if (!isServerUrl(named)) {
    if (/^ssh:/i.test(named)) throw new UsageError(`ssh://[USER@]HOST[:PORT] is expected, not "${named}"`);
    throw new UsageError(`${url === undefined ? "EXEC_SERVER_URL" : "--url"} ${notServerUrl(named)}`);
  }
  return { url: named, token: tokenFor(file), tls: readClientTls(choice, named) };
}

/**
 * The fleet whose hosts a flag chooses from.
 *
 * @throws {UsageError} where another server is named too, and where no fleet is
 */
export function inFleet(choice: ServerChoice, flag: "on" | "on-all"): Omit<HostInFleet, "on"> {
  const other = (["url", "environment", "on"] as const).find((name) =>
    name !== flag && choice[name] !== undefined
  );
  if (other) throw new UsageError(`--${flag} and --${other} both name a server: choose one`);
  return { fleet: chosenFleet(choice), token: tokenFor(choice["token-file"]) };
}

/**
 * The server whose processes a command is about.
 *
 * @throws {UsageError} where none is named
 */
export async function chosenServer(choice: ServerChoice, host: ProgramHost): Promise<Target> {
  const atUrl = serverAtUrl(choice);
  if (atUrl && "url" in atUrl && sshMachine(atUrl.url)) throw endsWithCommand();
  if (atUrl) return atUrl;
  const { namedServer } = await import("./target.ts");
  const server = await namedServer(choice, host);
  if (server !== "local") return server;
  throw new UsageError(
    "This is about the processes of a server that goes on: name it by --url, --environment, --on or EXEC_SERVER_URL",
  );
}

/** Why a server that is started for one command is not one whose processes go on. */
export function endsWithCommand(): UsageError {
  return new UsageError(
    "ssh:// starts a server that ends with the command: name one that goes on, such as one that listens there and whose " +
      "port ssh -L forwards",
  );
}

function tokenFor(file: string | undefined): string | undefined {
  if (file !== undefined) return readToken("token-file", file);
  const { EXEC_SERVER_TOKEN_FILE: usualFile, EXEC_SERVER_TOKEN: usual } = process.env;
  if (usualFile) return readToken("token-file", usualFile);
  const token = usual?.trim() || undefined;
  if (token !== undefined && /[^\x20-\x7e]/.test(token)) {
    throw new UsageError("EXEC_SERVER_TOKEN must be one line of printable ASCII");
  }
  return token;
}
