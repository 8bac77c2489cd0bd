import { type AccessOptions, isLoopback } from "../endpoint/access.ts";
import type { HttpRuntime, ListenOptions } from "../transport/listener.ts";
import type { Logger } from "../observe/logger.ts";
import { CertificateError } from "../tls/credentials.ts";
import type { RenewedFiles } from "../tls/renewed_files.ts";
import type { TlsPaths } from "../tls/tls_files.ts";
import type { ServingOptions } from "../server/server_options.ts";
import type { FlagValues } from "./command.ts";
import { explainListenFailure } from "./listen_failure.ts";
import { type ListenPlace, parseListen } from "./listen_place.ts";
import { accessFlags, givenAccessFlag, readAccess } from "./serve_access.ts";
import { readClientNames, readTlsPaths, tlsFlags } from "./tls_flags.ts";
import { UsageError } from "./usage_error.ts";

/** The flags of `serve` that say where to listen, and who may connect there. */
export const placeFlags = {
  "listen": {
    value: "ws://IP:PORT|wss://IP:PORT|unix:/PATH|stdio",
    repeat: true,
    beginsSection: true,
    group: "Where to listen",
    help: "ws://127.0.0.1:0 by default (0: a free port)",
  },
  ...accessFlags,
  ...tlsFlags,
} as const;

/** A place to listen, and who may connect there. */
export interface ServePlace {
  /** The place as it was given. */
  readonly text: string;
  readonly where: Exclude<ListenPlace, "stdio">;
  /** Where what is shown by TLS lies. */
  readonly tls: TlsPaths | undefined;
  readonly access: Omit<AccessOptions, "address">;
  /** What a client must show, for the log. */
  readonly auth: string;
}

type PlaceFlags = FlagValues<typeof placeFlags>;

const defaultPlace = "ws://127.0.0.1:0";

/**
 * Where to listen, by the flags of each place.
 *
 * @param inFleet whether the server is reached through a fleet too
 * @throws {UsageError} for places that do not go together, and for one that would let anybody in
 */
export function readPlaces(
  sections: readonly PlaceFlags[],
  http: HttpRuntime,
  inFleet: boolean,
): "stdio" | readonly ServePlace[] {
  const places: ServePlace[] = [];
  for (const flags of sections) {
    const [text = defaultPlace] = flags.listen;
    const where = parseListen(text);
    const isSecure = where !== "stdio" && "address" in where && where.isSecure;
    const tls = readTlsPaths(flags, text, isSecure);
    const access = { ...readAccess(flags), clientNames: readClientNames(flags, http) };
    const hasCredential = access.bearer !== undefined || tls?.clientCa !== undefined;
    const refused = where === "stdio"
      ? refuseStdio(sections.length + (inFleet ? 1 : 0), givenAccessFlag(flags))
      : refuseOpen(where, hasCredential);
    if (refused) throw new UsageError(refused);
    if (where === "stdio") return where;
    places.push({ text, where, tls, access, auth: authOf(flags) });
  }
  return places;
}

/** What a client must show. */
function authOf({ "ws-auth": token, "tls-client-ca": clientCa }: PlaceFlags): string {
  const shown = [token, ...(clientCa === undefined ? [] : ["client-certificate"])].filter((name) =>
    name !== undefined
  );
  return shown.join(" and ") || "none";
}

/** Reads what each place shows by TLS. @throws {UsageError} for files that cannot be used */
export async function openCertificates(
  places: readonly ServePlace[],
  logger: Logger,
): Promise<ReadonlyMap<ServePlace, RenewedFiles>> {
  const certificates = new Map<ServePlace, RenewedFiles>();
  for (const place of places) {
    if (place.tls === undefined) continue;
    // Only those who encrypt need it.
    const { RenewedFiles } = await import("../tls/renewed_files.ts");
    try {
      certificates.set(place, await RenewedFiles.open(place.tls, logger));
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      throw new UsageError(`--listen ${place.text}: ${error.message}`, { cause: error });
    }
  }
  return certificates;
}

/** What listens: a server, or a gateway to many. */
export interface ListeningServer {
  /** @returns the URL, with the real port */
  listen(http: HttpRuntime, where: ListenOptions, serving: ServingOptions): Promise<string>;
  stop(): Promise<void>;
}

/** What is needed to listen. */
export interface ListeningOptions {
  readonly server: ListeningServer;
  readonly http: HttpRuntime;
  /** What is shown by TLS, of each place that does. */
  readonly certificates: ReadonlyMap<ServePlace, RenewedFiles>;
  /** Whether metrics are told at each of them. */
  readonly tellsMetrics?: boolean | undefined;
  /** Whether browsers find the console at a place, and how they see it. */
  readonly offersConsole?: (place: ServePlace) => ServingOptions["offersConsole"];
  /** Called with each URL as soon as somebody may connect there. */
  readonly onListening: (url: string, place: ServePlace) => Promise<void>;
}

/**
 * Listens at every place.
 *
 * @throws {Error} which says why it cannot be, and what helps; then the server is stopped
 */
export async function listenAt(places: readonly ServePlace[], options: ListeningOptions): Promise<void> {
  const { server, http, certificates, tellsMetrics, offersConsole, onListening } = options;
  for (const [index, place] of places.entries()) {
    const tls = certificates.get(place);
    const where: ListenOptions = { ...place.where, tls };
    let url: string;
    try {
      url = await server.listen(http, where, {
        ...place.access,
        tellsMetrics,
        offersConsole: offersConsole?.(place),
        isCertified: tls && ((name) => tls.isNamed(name)),
      });
    } catch (error) {
      if (index > 0) await server.stop();
      throw explainListenFailure(error, place.text, where);
    }
    await onListening(url, place);
  }
}

function refuseStdio(places: number, flag: string | undefined): string | undefined {
  if (places > 1) return "--listen stdio serves one client and no other: give it alone";
  return flag && `--${flag} is for ws://, not for stdio`;
}

function refuseOpen(where: Exclude<ListenPlace, "stdio">, hasCredential: boolean): string | undefined {
  if (hasCredential || "path" in where || isLoopback(where.address)) return undefined;
  const { address, isSecure } = where;
  const flags = isSecure ? "--ws-auth or --tls-client-ca" : "--ws-auth";
  return `Listening on ${address} lets the network in: add ${flags}, or listen on 127.0.0.1 and forward the port`;
}
