import { BlockList, isIP } from "node:net";
import { failed } from "../native/operation_error.ts";
import type { Variables } from "./environment_header.ts";

/**
 * The proxy that this machine's environment names for a URL, as the reference server reads it: `HTTP_PROXY` or
 * `HTTPS_PROXY`, then `ALL_PROXY`, each also in lower case; `NO_PROXY` lists hosts, domains with all below them,
 * addresses and networks that are reached directly, `*` all of them. In a CGI program (`REQUEST_METHOD` is set) a
 * peer could set `HTTP_PROXY` by sending a `Proxy` header, so it does not count there.
 *
 * @returns an http URL, or undefined where the way is direct
 * @throws {OperationError} FAILED when the variable is no http URL: going around a proxy would be worse than failing
 */
export function proxyFor(url: URL, environment: Variables): URL | undefined {
  if (isDirect(bareHost(url), variable("NO_PROXY", environment) ?? "")) return undefined;
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const inCgi = name === "HTTP_PROXY" && environment["REQUEST_METHOD"] !== undefined;
  const text = (inCgi ? undefined : variable(name, environment)) || variable("ALL_PROXY", environment);
  if (!text) return undefined;
  const withScheme = text.includes("://") ? text : `http://${text}`;
  const proxy = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (proxy?.protocol !== "http:") {
    throw failed(
      `http/request failed: the proxy for ${url.protocol}// URLs that the environment names is not an http:// URL`,
    );
  }
  return proxy;
}

/** A URL's host without the brackets around an IPv6 address. */
export function bareHost(url: Pick<URL, "hostname">): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

function variable(name: string, environment: Variables): string | undefined {
  return environment[name] ?? environment[name.toLowerCase()];
}

function isDirect(host: string, list: string): boolean {
  const entries = list.split(",").map((entry) => entry.trim().toLowerCase()).filter((entry) => entry !== "");
  if (entries.includes("*")) return true;
  if (isIP(host) !== 0) return addressIsListed(host, entries);
  return entries.some((entry) => {
    const domain = entry.replace(/^\./, "");
    return host === domain || host.endsWith(`.${domain}`);
  });
}

function addressIsListed(host: string, entries: readonly string[]): boolean {
  const listed = new BlockList();
  for (const entry of entries) {
    const [address, bits] = entry.replace(/^\[(.*)\]$/, "$1").split("/") as [string, string?];
    const family = familyOf(address);
    if (!family) continue;
    if (bits === undefined) listed.addAddress(address, family);
    else if (/^\d+$/.test(bits) && Number(bits) <= (family === "ipv4" ? 32 : 128)) {
      listed.addSubnet(address, Number(bits), family);
    }
  }
  return listed.check(host, familyOf(host)!);
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  return ({ 4: "ipv4", 6: "ipv6" } as const)[isIP(address)];
}
