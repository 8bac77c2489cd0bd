import { type AccessOptions, isLoopback } from "../endpoint/access.ts";
import type { HttpRuntime, ListenOptions } from "../transport/listener.ts";
import type { ExecServer } from "../server/server.ts";
import type { FlagValues } from "./command.ts";
import { explainListenFailure } from "./listen_failure.ts";
import { parseListen } from "./listen_place.ts";
import { accessFlags, givenAccessFlag, readAccess } from "./serve_access.ts";
import { UsageError } from "./usage_error.ts";

/** The flags of `serve` that say where to listen, and who may connect there. */
export const placeFlags = {
  "listen": {
    value: "ws://IP:PORT|unix:/PATH|stdio",
    repeat: true,
    beginsSection: true,
    group: "Where to listen",
    help: "ws://127.0.0.1:0 by default (0: a free port)",
  },
  ...accessFlags,
} as const;

/** A place to listen, and who may connect there. */
export interface ServePlace {
  /** The place as it was given. */
  readonly text: string;
  readonly where: ListenOptions;
  readonly access: Omit<AccessOptions, "address">;
  /** What a client must show, for the log. */
  readonly auth: string;
}

type PlaceFlags = FlagValues<typeof placeFlags>;

const defaultPlace = "ws://127.0.0.1:0";

/**
 * Where to listen, by the flags of each place.
 *
 * @throws {UsageError} for places that do not go together, and for one that would let anybody in
 */
export function readPlaces(sections: readonly PlaceFlags[]): "stdio" | readonly ServePlace[] {
  const places: ServePlace[] = [];
  for (const flags of sections) {
    const [text = defaultPlace] = flags.listen;
    const where = parseListen(text);
    const access = readAccess(flags);
    const refused = where === "stdio"
      ? refuseStdio(sections.length, givenAccessFlag(flags))
      : refuseOpen(where, access);
    if (refused) throw new UsageError(refused);
    if (where === "stdio") return where;
    places.push({ text, where, access, auth: flags["ws-auth"] ?? "none" });
  }
  return places;
}

/**
 * Listens at every place.
 *
 * @param onListening called with each URL as soon as somebody may connect there
 * @throws {Error} which says why it cannot be, and what helps; then the server is stopped
 */
export async function listenAt(
  places: readonly ServePlace[],
  server: ExecServer,
  http: HttpRuntime,
  onListening: (url: string, place: ServePlace) => Promise<void>,
): Promise<void> {
  for (const [index, place] of places.entries()) {
    let url: string;
    try {
      url = await server.listen(http, place.where, place.access);
    } catch (error) {
      if (index > 0) await server.stop();
      throw explainListenFailure(error, place.text, place.where);
    }
    await onListening(url, place);
  }
}

function refuseStdio(places: number, flag: string | undefined): string | undefined {
  if (places > 1) return "--listen stdio serves one client and no other: give it alone";
  return flag && `--${flag} is for ws://, not for stdio`;
}

function refuseOpen(where: ListenOptions, { bearer }: { bearer: AccessOptions["bearer"] }) {
  if (bearer || "path" in where || isLoopback(where.address)) return undefined;
  const { address } = where;
  return `Listening on ${address} lets the network in: add --ws-auth, or listen on 127.0.0.1 and forward the port`;
}
