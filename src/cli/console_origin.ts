/** How browsers see a place. */
export interface SeenPlace {
  /** Whether a proxy in front speaks TLS with them. */
  readonly isBehindProxy: boolean;
  /** A name that it has beside its address, if any. */
  readonly name: string | undefined;
}

/** Where browsers find a place, by the URL of its endpoint: an address that stands for all is none that a browser goes to. */
export function originOf(url: string, { isBehindProxy, name }: SeenPlace): string {
  const { protocol, host, hostname, port } = new URL(url);
  // What is in front has the usual port.
  if (isBehindProxy) return `https://${name ?? host}`;
  const scheme = protocol === "wss:" ? "https" : "http";
  const isEverywhere = hostname === "0.0.0.0" || hostname === "[::]";
  return `${scheme}://${isEverywhere ? `${name ?? "localhost"}${port === "" ? "" : `:${port}`}` : host}`;
}

/**
 * Where a browser beside this program finds the console of a server.
 *
 * @param reached the URL by which this program reaches the server, if any
 * @param told where the server knows it to be
 */
export function nearestOrigin(reached: string | undefined, told: readonly string[]): string {
  const [first = ""] = told;
  const url = reached === undefined ? null : URL.parse(reached);
  // Behind a path is something that leads to servers, and not to their pages.
  if (!url || !/^wss?:$/.test(url.protocol) || url.pathname !== "/") return first;
  const own = originOf(url.href, { isBehindProxy: false, name: undefined });
  // On the server's machine one goes around what is in front of it; pages may not.
  return !told.includes(own) && own.startsWith("http:") && first.startsWith("https:") ? first : own;
}
