import type { ServingOptions } from "../server/server_options.ts";
import { isLoopback } from "../endpoint/access.ts";
import { originOf } from "./console_origin.ts";
import type { ServePlace } from "./serve_places.ts";
import { UsageError } from "./usage_error.ts";

const group = "Who may connect";

/** The flags of `serve` for the web console. */
export const consoleFlags = {
  "console": {
    help:
      "Offer a web console where it listens, at /console, and print a link that logs in; exec-server console makes more",
  },
  "behind-proxy": {
    group,
    help: "With --console, browsers come through a proxy that speaks TLS to them and passes Host on",
  },
} as const;

interface ConsoleChoice {
  readonly console: boolean;
  readonly "behind-proxy": boolean;
}

/**
 * Whether browsers see a place by TLS; undefined where there is no console for them.
 *
 * @throws {UsageError} where there is no place for it, and for one where logins would be read by others
 */
export function offerConsole(
  { console, "behind-proxy": isBehindProxy }: ConsoleChoice,
  places: "stdio" | readonly ServePlace[],
): (place: ServePlace) => ServingOptions["offersConsole"] {
  if (!console) {
    if (isBehindProxy) throw new UsageError("--behind-proxy is for --console");
    return () => undefined;
  }
  const ofNetwork = places === "stdio" ? [] : places.filter(({ where }) => "address" in where);
  if (ofNetwork.length === 0) {
    throw new UsageError("--console is for browsers: it needs --listen ws://IP:PORT or wss://IP:PORT");
  }
  for (const { where, tls, text } of ofNetwork) {
    if (isBehindProxy || tls !== undefined || ("address" in where && isLoopback(where.address))) continue;
    throw new UsageError(
      `--console at ${text} would show logins to the network: listen on wss://, or on 127.0.0.1, or give ` +
        "--behind-proxy where a proxy speaks TLS to browsers",
    );
  }
  return ({ where, tls, access }) => {
    if (!("address" in where)) return undefined;
    const seen = { isBehindProxy, name: access.allowedHosts[0] };
    return { isSecure: tls !== undefined || isBehindProxy, origin: (url) => originOf(url, seen) };
  };
}
