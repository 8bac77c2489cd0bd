import { isIP } from "node:net";
import { SHOWN_HEADER_CHARS } from "../limits.ts";
import type { BearerCheck } from "./bearer.ts";
import type { NamesCheck } from "./client_names.ts";

/** Who may talk to the server. */
export interface AccessOptions {
  /** The address it listens on, as an IP literal; undefined on a Unix socket. */
  readonly address: string | undefined;
  /** Values of the Origin header that are let through; a browser's page has one, a program has none. */
  readonly allowedOrigins: readonly string[];
  /** Further names by which the server may be addressed, in the form of {@linkcode hostName}. */
  readonly allowedHosts: readonly string[];
  /** What an upgrade must prove; undefined lets everybody in. */
  readonly bearer: BearerCheck | undefined;
  /** What the names in a client's certificate must be; undefined takes each that its authority has signed. */
  readonly clientNames?: NamesCheck | undefined;
  /** Whether a name is in the server's own certificate: no page is led to it by another one. */
  readonly isCertified?: ((name: string) => boolean) | undefined;
}

/** A refusal, as an HTTP answer. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 503;
  readonly body: string;
  /** What is wrong, for the log; the body may say less. */
  readonly reason: string;
}

/**
 * Refuses what a browser sends for a strange page: a request with an Origin header, and one that reached this server
 * under a name that is not its own (DNS rebinding).
 */
export function refuseOrigin(headers: Headers, options: AccessOptions): Refusal | undefined {
  const origin = headers.get("origin");
  if (origin !== null && !options.allowedOrigins.includes(origin)) {
    const shown = JSON.stringify(origin.slice(0, SHOWN_HEADER_CHARS));
    return { status: 403, body: "", reason: `origin not allowed: --allow-origin ${shown} admits it` };
  }
  // No page is led to a socket in the file system by any name, and whoever may open it is let in by its mode.
  if (options.address === undefined) return undefined;
  const host = headers.get("host");
  if (!host) return { status: 400, body: "The request has no Host header\n", reason: "no host name" };
  const name = hostName(host);
  if (name !== undefined && isOwnName(name, options.address, options)) return undefined;
  const shown = name === undefined || name.length > SHOWN_HEADER_CHARS ? "NAME" : name;
  const body = `This server does not go by that host name: --allow-host ${shown} admits it\n`;
  return { status: 403, body, reason: `host name not allowed: --allow-host ${shown} admits it` };
}

/**
 * The name or address of a Host header: in lower case, an IPv6 address without brackets and in its shortest form, a
 * name without the final dot that stands for the root of all names. Undefined for what is neither.
 */
export function hostName(host: string): string | undefined {
  const [, v6, name] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+?)\.?)(?::\d*)?$/i.exec(host) ?? [];
  return v6 === undefined ? name?.toLowerCase() : shortestV6(v6);
}

function isOwnName(name: string, address: string, { allowedHosts, isCertified }: AccessOptions): boolean {
  // A page of a strange site is reached by name: an address cannot be rebound, so a server for all takes any.
  const everywhere = address === "0.0.0.0" || address === "::";
  return name === "localhost" || isLoopback(name) || name === (shortestV6(address) ?? address) ||
    (everywhere && isIP(name) !== 0) || allowedHosts.includes(name) || isCertified?.(name) === true;
}

/** Whether an IP literal is of this machine only. */
export function isLoopback(address: string): boolean {
  const short = shortestV6(address) ?? address;
  if (isIP(short) === 4) return short.startsWith("127.");
  return short === "::1" || /^::ffff:7f[0-9a-f]{2}:/.test(short);
}

/** An IPv6 address as clients spell it, without its zone; undefined for what is none. */
function shortestV6(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  return new URL(`http://[${address.replace(/%.*/, "")}]`).hostname.slice(1, -1);
}
