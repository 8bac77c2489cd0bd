/** How a client stands with its server. */
export type ConnectionState =
  | { readonly kind: "connected" }
  /** The connection is lost, and the client is getting it back; calls wait. */
  | { readonly kind: "recovering"; readonly reason: string }
  /** It is over: every call and every process has failed. */
  | { readonly kind: "disconnected"; readonly reason: string };
