/** Names and addresses of hosts, in the one spelling that decisions are made about. */
import { isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

/** Characters of a host's name in the domain name system. */
const longestName = 253;
const nameCharacters = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/**
 * A host in lower case, without a final dot and without the brackets of an address; an address in its shortest spelling,
 * whatever it was written as: `0x7f.1` is `127.0.0.1`. Undefined for what is no host.
 */
export function hostName(text: string): string | undefined {
  const bare = /^\[(.*)\]$/.exec(text)?.[1];
  if (bare !== undefined) return isIPv6(bare) ? shortAddress(bare) : undefined;
  if (isIPv6(text)) return shortAddress(text);
  // deno-lint-ignore no-control-regex -- what is not ASCII is spelled as the domain name system does
  const ascii = /^[\x00-\x7f]*$/.test(text) ? text : domainToASCII(text);
  const name = ascii.toLowerCase().replace(/\.$/, "");
  if (name.length > longestName || !nameCharacters.test(name)) return undefined;
  // Whatever ends in a number is an address or nothing, as for all who look a name up.
  return /^(0x[0-9a-f]*|\d+)$/.test(name.slice(name.lastIndexOf(".") + 1)) ? dottedAddress(name) : name;
}

/** An IPv4 address of one to four parts, each decimal, octal or hexadecimal, as four decimal ones. */
function dottedAddress(text: string): string | undefined {
  const parts = text.split(".").map(partValue);
  const last = parts.pop()!;
  if (parts.length > 3 || Number.isNaN(last) || last >= 256 ** (4 - parts.length)) return undefined;
  if (parts.some((part) => Number.isNaN(part) || part > 255)) return undefined;
  const rest = Array.from({ length: 4 - parts.length }, (_, index) => {
    return Math.floor(last / 256 ** (3 - parts.length - index)) % 256;
  });
  return [...parts, ...rest].join(".");
}

function partValue(part: string): number {
  if (/^0x[0-9a-f]*$/.test(part)) return part === "0x" ? 0 : parseInt(part, 16);
  if (/^0[0-7]*$/.test(part)) return parseInt(part, 8);
  return /^[1-9]\d*$/.test(part) ? Number(part) : NaN;
}

/** Undefined for an address with a zone, which means something to one machine only. */
function shortAddress(text: string): string | undefined {
  const url = `http://[${text}]`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

/** A host and a port. */
export interface Authority {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host`, `host:port` and `[address]:port`; undefined for anything else, also with a user's name in it.
 *
 * @param defaultPort where the text names none; without it, the text must name one
 */
export function readAuthority(text: string, defaultPort?: number): Authority | undefined {
  const [, name = "", digits] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = hostName(name);
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host === undefined || port === undefined || port < 1 || port > 65_535) return undefined;
  return { host, port };
}
