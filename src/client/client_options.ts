import type { Connector } from "../transport/transport.ts";
import { HEARTBEAT_LAST_ANSWER_MS } from "../limits.ts";
import type { CallOptions } from "./call.ts";
import type { ConnectionState } from "./connection_state.ts";
import type { HeartbeatOptions } from "./heartbeat.ts";
import type { OptionNames } from "./known_options.ts";
import type { RemoteProcessOptions } from "./remote_process.ts";

/** How to start a process, beside its params. */
export interface StartOptions extends CallOptions, Pick<RemoteProcessOptions, "lossless"> {}

/** How to begin, and how to go on. */
export interface ClientOptions {
  /** The name the server logs; `exec-server` by default. */
  clientName?: string;
  /** Milliseconds for the answer to `initialize`; {@linkcode CONNECT_MS} by default. */
  initializeMs?: number | undefined;
  /** Milliseconds to connect before that; as many as for `initialize` by default. */
  connectMs?: number | undefined;
  /** Calls that wait for their answers at once; further ones wait their turn. {@linkcode CLIENT_CALLS} by default. */
  calls?: number | undefined;
  /** Milliseconds in which a lost connection is got back; {@linkcode RECOVERY_MS} by default, 0 for not at all. */
  recoveryMs?: number;
  /** Whether bytes go as they are, and not in JSON, where the server can do that. True by default. */
  binaryFrames?: boolean | undefined;
  /** How a connection that is dead without saying so is found. */
  heartbeat?: HeartbeatOptions;
  /** Told when the connection is lost, is back, or is given up. Nothing needs to be done about any of them. */
  onConnection?: (state: ConnectionState) => void;
}

/** What may be given to it, or together with that to what makes its connections. */
export const connectionOptions: OptionNames<ClientOptions> & Readonly<Record<string, true>> = {
  clientName: true,
  initializeMs: true,
  connectMs: true,
  calls: true,
  recoveryMs: true,
  binaryFrames: true,
  heartbeat: true,
  onConnection: true,
  token: true,
  messageBytes: true,
  tls: true,
};

export const callOptions: OptionNames<StartOptions> = { timeoutMs: true, signal: true, lossless: true };

/** A connection that cannot be made again is given up later: everything ends with it. */
export function heartbeatOf({ resumable }: Connector, { heartbeat }: ClientOptions): HeartbeatOptions {
  return resumable ? heartbeat ?? {} : { answerMs: HEARTBEAT_LAST_ANSWER_MS, ...heartbeat };
}
