import { invalidRequest } from "../../protocol/errors.ts";
import type { Layer } from "../dispatcher.ts";

/** How far a connection's handshake is. */
export interface HandshakeState {
  /** Whether `initialize` was answered. */
  readonly hasSession: () => boolean;
  /** Whether `initialized` came. */
  readonly isInitialized: () => boolean;
}

/** Refuses what comes before the end of the handshake. */
export function handshake(state: HandshakeState): Layer {
  return ({ method: { family } }, next) => {
    if (family !== "handshake") {
      if (!state.hasSession()) {
        throw invalidRequest(`client must call initialize before using ${family} methods`);
      }
      if (!state.isInitialized()) {
        throw invalidRequest(`client must send initialized before using ${family} methods`);
      }
    }
    return next();
  };
}
