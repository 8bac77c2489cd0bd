import { clientNames, type NameRule, type NamesCheck } from "../endpoint/client_names.ts";
import { isRole, roles } from "../protocol/roles.ts";
import type { HttpRuntime } from "../transport/listener.ts";
import type { TlsPaths } from "../tls/tls_files.ts";
import type { FlagValues } from "./command.ts";
import { UsageError } from "./usage_error.ts";

const group = "TLS, for wss://";

/** The flags of `serve` that say what it shows by TLS, and what it wants to be shown. */
export const tlsFlags = {
  "tls-cert": {
    perSection: true,
    value: "FILE",
    complete: "files",
    group,
    help: "Its certificate in PEM, with those that lead to its authority behind it",
  },
  "tls-key": {
    perSection: true,
    value: "FILE",
    complete: "files",
    group,
    help: "The certificate's private key in PEM, which nobody else may read",
  },
  "tls-client-ca": {
    perSection: true,
    value: "FILE",
    complete: "files",
    group,
    help: "Clients must show a certificate of an authority in this file",
  },
  "tls-client-name": {
    perSection: true,
    value: "GLOB [role=ROLE]",
    repeat: true,
    group,
    help:
      "Of their certificates take those alone with such a name (CN or subjectAltName), for view, control or full",
  },
} as const;

type TlsFlags = FlagValues<typeof tlsFlags>;

/**
 * Where the credentials of a place lie, by the flags; undefined for a place without TLS.
 *
 * @throws {UsageError} for flags that do not go together, and for a place that needs others
 */
export function readTlsPaths(flags: TlsFlags, place: string, isSecure: boolean): TlsPaths | undefined {
  const given = givenTlsFlag(flags);
  if (!isSecure) {
    if (given === undefined) return undefined;
    throw new UsageError(
      `--${given} is for --listen wss://IP:PORT, not for ${place}: give it behind the one that it is for`,
    );
  }
  const { "tls-cert": cert, "tls-key": key, "tls-client-ca": clientCa } = flags;
  if (cert === undefined || key === undefined) {
    throw new UsageError(`--listen ${place} needs --tls-cert FILE and --tls-key FILE`);
  }
  return { cert, key, clientCa };
}

/**
 * Whom the names in a client's certificate let in, by the flags.
 *
 * @throws {UsageError} where nobody has to show one, and where the runtime does not tell what is in it
 */
export function readClientNames(flags: TlsFlags, http: HttpRuntime): NamesCheck | undefined {
  const given = flags["tls-client-name"];
  if (given.length === 0) return undefined;
  if (flags["tls-client-ca"] === undefined) {
    throw new UsageError(
      "--tls-client-name needs --tls-client-ca, which says whose certificates have such names",
    );
  }
  if (http.clientNames === undefined) {
    throw new UsageError(
      "--tls-client-name needs Deno: on Bun a server is not told what is in a client's certificate. " +
        "Use the binary for Deno, or a --tls-client-ca of their own for those who may connect",
    );
  }
  return clientNames(given.map(parseRule));
}

function parseRule(text: string): NameRule {
  const [, pattern, role = "full"] = /^(\S.*?)(?:\s+role=(\S*))?$/.exec(text.trim()) ?? [];
  if (pattern === undefined) {
    throw new UsageError("--tls-client-name takes a name, in which * stands for anything");
  }
  if (isRole(role)) return { pattern, role };
  throw new UsageError(`--tls-client-name: there is no role "${role}"; there are ${roles.join(", ")}`);
}

function givenTlsFlag(flags: TlsFlags): keyof TlsFlags | undefined {
  const names = Object.keys(tlsFlags) as (keyof TlsFlags)[];
  return names.find((name) => flags[name] !== undefined && flags[name].length > 0);
}
