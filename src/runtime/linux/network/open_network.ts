import type { Network } from "../../../host/network.ts";
import type { Native } from "../../posix/native.ts";

/**
 * A way to the TCP of the C library, which is loaded by the first call; undefined where it cannot be called.
 *
 * @param openNative throws where it cannot
 */
export function networkThrough(openNative: () => Native): () => Promise<Network | undefined> {
  let network: Network | undefined;
  return async () => {
    let native: Native;
    try {
      native = openNative();
    } catch {
      return undefined;
    }
    if (!native.libc.platform.isLinux) return undefined;
    const { SocketNetwork } = await import("./socket_network.ts");
    return network ??= new SocketNetwork(native);
  };
}
