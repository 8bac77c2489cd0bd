import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { NetworkConnection } from "../../host/network.ts";
import { TCP_CONNECT_MS } from "../../limits.ts";
import { failed } from "../../native/operation_error.ts";
import { failureText } from "../../native/os_errors.ts";
import { plainNetwork } from "../../network_proxy/plain_network.ts";

/**
 * Connects to a port of this machine, or of a host that it reaches.
 *
 * @throws {OperationError} FAILED where nobody answers
 */
export async function connectLocally(port: number, host = "localhost"): Promise<NetworkConnection> {
  let failure: unknown;
  for (const address of await addressesOf(host)) {
    try {
      return await plainNetwork.connect(address, port, AbortSignal.timeout(TCP_CONNECT_MS));
    } catch (error) {
      failure ??= error;
    }
  }
  throw failed(`Cannot connect to port ${port} of ${host}: ${failureText(failure)}`, { cause: failure });
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (host === "localhost") return ["127.0.0.1", "::1"];
  if (isIP(host)) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
