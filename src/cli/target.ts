import { findNamed, serverOf } from "../machine/named_server.ts";
import { connectorTo } from "../machine/connector.ts";
import { ExecServerClient } from "../client/client.ts";
import { codexHost } from "../codex/codex_host.ts";
import { EnvironmentsFileError, type NamedEnvironment } from "../codex/environments_file.ts";
import { readNamedEnvironments } from "../codex/named_environments.ts";
import { hostOs } from "../host/facts.ts";
import { MESSAGE_BYTES } from "../limits.ts";
import { OperationError } from "../native/operation_error.ts";
import { formatFileUri, parseFileUri, type PlatformOs } from "../protocol/file_uri.ts";
import { ConnectionError } from "../transport/transport.ts";
import { type SshMachine, sshMachine } from "../transport/ssh_url.ts";
import { webSocketConnector } from "../transport/websocket_transport.ts";
import type { ClientTls } from "../transport/client_tls.ts";
import { type ClientTlsChoice, readClientTls } from "./client_tls.ts";
import type { HostInFleet } from "./fleet_target.ts";
import type { OwnServer } from "./own_server.ts";
import type { SshCopyOptions } from "./ssh_copy.ts";
import type { ProgramHost } from "./program_host.ts";
import { UsageError } from "./usage_error.ts";

/** Which server to run on. */
export type Target =
  | "local"
  | { readonly url: string; readonly token?: string | undefined; readonly tls?: ClientTls | undefined }
  | HostInFleet
  | NamedTarget;

/** A server of a name, and what is trusted and shown there beside what its file says. */
type NamedTarget = NamedEnvironment & {
  readonly tls?: ClientTls | undefined;
  /** Set where nobody named it. */
  readonly isDefault?: boolean;
};

/**
 * The server of a name; without one the user's default, which is this machine where nothing else is said.
 *
 * @throws {UsageError} for a name that is not there, and for a file that cannot be followed
 */
export async function namedServer(
  { environment: name, ...choice }: { readonly environment: string | undefined } & ClientTlsChoice,
  host: ProgramHost,
): Promise<Target> {
  try {
    const found = withTls(findNamed(await readNamedEnvironments(codexHost(host)), name), choice);
    return found === "local" ? found : { ...found, isDefault: name === undefined };
  } catch (error) {
    // Who has no home has no file there.
    if (name === undefined && error instanceof OperationError) return withTls("local", choice);
    if (!(error instanceof EnvironmentsFileError)) throw error;
    const remedy = name === undefined ? "; --environment local is this machine" : "";
    throw new UsageError(`--environment: ${error.message}${remedy}`, { cause: error });
  }
}

function withTls(target: NamedEnvironment | "local", choice: ClientTlsChoice): Target {
  const url = target !== "local" && "url" in target.server ? target.server.url : undefined;
  const tls = readClientTls(choice, url);
  return target === "local" ? target : { ...target, tls };
}

/**
 * A client, and the server that was started for it, if any.
 *
 * @param copy what is brought to a machine that SSH reaches and that has no exec-server
 */
export async function openTarget(
  target: Target,
  host: ProgramHost,
  copy?: SshCopyOptions,
): Promise<OpenTarget> {
  if (target !== "local" && "on" in target) {
    const { openHost } = await import("./fleet_target.ts");
    return await openHost(target);
  }
  if (target !== "local") {
    const machine = "url" in target ? sshMachine(target.url) : undefined;
    const client = machine
      ? await openBySsh(machine, copy, host)
      : "url" in target
      ? await connectTo(target)
      : await connectNamed(target, host);
    return { client, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
  }
  return await startOwn(host);
}

async function openBySsh(
  machine: SshMachine,
  copy: SshCopyOptions = { yes: false, binary: undefined },
  host: ProgramHost,
): Promise<ExecServerClient> {
  const { connectBySsh } = await import("./ssh_server.ts");
  const onMissing = async (platform: string) => {
    const { copyBySsh } = await import("./ssh_copy.ts");
    await copyBySsh(machine, platform, copy, host);
  };
  return await connectBySsh(machine, { onMissing }, host);
}

/** A client that is connected. What was opened for it ends with it. */
interface OpenTarget extends AsyncDisposable {
  readonly client: ExecServerClient;
}

function connectTo({ url, token, tls }: Extract<Target, { url: string }>): Promise<ExecServerClient> {
  return ExecServerClient.connect(webSocketConnector(url, { token, tls, messageBytes: MESSAGE_BYTES }));
}

async function connectNamed(target: NamedTarget, host: ProgramHost): Promise<ExecServerClient> {
  const [server, options] = serverOf(target, {}, host.environment());
  try {
    return await ExecServerClient.connect(
      connectorTo(server, { ...options, tls: target.tls, messageBytes: MESSAGE_BYTES }, host),
      options,
    );
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const [what, remedy] = target.isDefault
      ? ["The default environment", "; --environment local goes without, and exec-server use chooses another"]
      : ["The environment", ""];
    throw new ConnectionError(`${what} "${target.id}" is not there: ${error.message}${remedy}`, {
      cause: error,
    });
  }
}

/** Loaded only where it is meant: for a server elsewhere, none is needed here. */
async function startOwn(host: ProgramHost): Promise<OwnServer> {
  const { startOwnServer } = await import("./own_server.ts");
  return await startOwnServer(host);
}

/** The file URI of a directory of the server's machine; relative ones start at the server's own. */
export function serverDirectory(path: string | undefined, client: ExecServerClient, from?: string): string {
  const { cwd, userHomeDir, platformOs: os = hostOs } = client.environmentInfo;
  if (path !== undefined && /^~(\/|$)/.test(path) && userHomeDir) {
    // A shell on this machine leaves it in `--cwd=~/x`, and knows no other machine's home.
    return path.length > 2 ? serverDirectory(path.slice(2), client, userHomeDir) : userHomeDir;
  }
  const base = from ?? cwd ?? "file:///";
  if (path === undefined) return base;
  if (/^file:/i.test(path)) return path;
  const absolute = os === "windows" ? /^([A-Za-z]:|[\\/]{2})/.test(path) : path.startsWith("/");
  if (absolute) return formatFileUri(path, os as PlatformOs);
  return formatFileUri(
    `${parseFileUri(base, os as PlatformOs).replace(/\/$/, "")}/${path}`,
    os as PlatformOs,
  );
}
