/** What a client process is pointed at, in words that fit on a command line as JSON. */
export type Target = SocketTarget | ShellTarget;

/** A server of the protocol, or the bare socket that answers like one. */
export type SocketTarget = Listening<"server"> | Listening<"bare socket">;

interface Listening<Kind> {
  readonly kind: Kind;
  readonly url: string;
  readonly pid: number;
}

/** Something that runs commands in another way. */
export type ShellTarget =
  /** Nothing but the runtime that the client itself runs on. */
  | { readonly kind: "bare process" }
  | WebsocketdTarget
  | SshdTarget;

export interface WebsocketdTarget {
  readonly kind: "websocketd";
  readonly url: string;
  readonly pid: number;
  /** Whose programs it serves. */
  readonly folder: string;
}

export interface SshdTarget {
  readonly kind: "sshd";
  /** The client's configuration file, which names the server `bench`. */
  readonly config: string;
  readonly pid: number;
}

export type TargetKind = Target["kind"];
