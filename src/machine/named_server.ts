import {
  EnvironmentsFileError,
  type NamedEnvironment,
  type NamedEnvironments,
} from "../codex/environments_file.ts";
import type { ServerAddress } from "./connector.ts";

/**
 * The machine of a name, or the default one without a name; `local` is this machine.
 *
 * @throws {EnvironmentsFileError} for a name that is not there
 */
export function findNamed(file: NamedEnvironments, name?: string): NamedEnvironment | "local" {
  const { path, defaultId, includeLocal, environments } = file;
  const id = name ?? defaultId;
  const names = [...environments.map(({ id }) => id), ...(includeLocal ? ["local"] : [])];
  if (id === undefined) {
    throw new EnvironmentsFileError(`"${path}" has no default environment: name one of ${names.join(", ")}`);
  }
  if (id === "local" && includeLocal) return "local";
  const found = environments.find((environment) => environment.id === id);
  if (found) return found;
  if (file.isMissing) {
    throw new EnvironmentsFileError(
      `No environment "${id}": there is no "${path}", so ${names.join(", ")} is the only name; ` +
        "CODEX_HOME says where else to look",
    );
  }
  const known = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
  throw new EnvironmentsFileError(`No environment "${id}" in "${path}"; ${known}`);
}

/** What a file can say of how a server is reached. */
interface ServerOptions {
  readonly token?: string | undefined;
  readonly connectMs?: number | undefined;
  readonly initializeMs?: number | undefined;
}

/**
 * What a named server's connection is made from. What the options say goes before what the file says.
 *
 * @param environment what a server command inherits
 */
export function serverOf<Options extends ServerOptions>(
  { server, connectMs, initializeMs }: NamedEnvironment,
  options: Options,
  environment: Readonly<Record<string, string>>,
): [server: ServerAddress, options: Options & ServerOptions] {
  const times = {
    ...(connectMs === undefined ? {} : { connectMs }),
    ...(initializeMs === undefined ? {} : { initializeMs }),
  };
  if ("url" in server) return [server.url, { token: server.token, ...times, ...options }];
  const { argv, cwd } = server;
  return [{ argv, cwd, env: { ...environment, ...server.env } }, {
    ...times,
    ...options,
  }];
}
