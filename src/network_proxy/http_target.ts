/** Whom a request of HTTP is for. */
import { type Authority, readAuthority } from "./host_name.ts";
import { HttpError, type RequestHead, valuesOf } from "./http_message.ts";

/** A host and a port, and what is asked of it. */
export interface Target extends Authority {
  /** What the host is asked for; empty for CONNECT. */
  readonly path: string;
  /** How the host is to be told its own name. */
  readonly hostHeader: string;
}

/**
 * Reads it from the request line, or from the `Host` header where that names only a path. Both must name the same.
 *
 * @throws {HttpError} for what names no host, or two
 */
export function readTarget({ method, target, headers, minor }: RequestHead): Target {
  const hosts = valuesOf(headers, "host");
  if (hosts.length > 1) throw new HttpError("more than one Host header");
  const [host] = hosts;
  if (method === "CONNECT") return tunnelTarget(target, host);
  const absolute = /^http:\/\/([^/?#]*)([^#]*)$/i.exec(target);
  if (absolute) {
    const [, name = "", rest = ""] = absolute;
    const authority = known(readAuthority(name, 80));
    if (host !== undefined) refuseOther(authority, readAuthority(host, 80));
    const path = rest.startsWith("/") ? rest : method === "OPTIONS" && rest === "" ? "*" : `/${rest}`;
    return { ...authority, path, hostHeader: host ?? name };
  }
  if (
    host === undefined || minor === 0 || !(target.startsWith("/") || (method === "OPTIONS" && target === "*"))
  ) {
    throw new HttpError("no host is named");
  }
  return { ...known(readAuthority(host, 80)), path: target.replace(/#.*$/, ""), hostHeader: host };
}

function tunnelTarget(target: string, host: string | undefined): Target {
  const authority = known(readAuthority(target));
  // Some leave the port out.
  if (host !== undefined) refuseOther(authority, readAuthority(host, authority.port));
  return { ...authority, path: "", hostHeader: target };
}

function known(authority: Authority | undefined): Authority {
  if (!authority) throw new HttpError("the target names no host");
  return authority;
}

/** Whoever answers goes by the one, and whoever decides by the other. */
function refuseOther(target: Authority, host: Authority | undefined): void {
  if (host?.host === target.host && host.port === target.port) return;
  throw new HttpError("Host header does not match request target");
}
