import type {
  ClientMethodName,
  ClientParams,
  NotificationName,
  NotificationSent,
} from "../protocol/methods.ts";

/** Tells a session's client something. Resolves when there is room for more. */
export type Tell = <Name extends NotificationName>(
  method: Name,
  params: NotificationSent<Name>,
) => Promise<void> | void;

/**
 * Asks a session's client something; the answer's result is undefined where there is none in time, or another one than a
 * result. A client that is lost answers nothing any more.
 */
export type Ask = <Name extends ClientMethodName>(
  method: Name,
  params: ClientParams<Name>,
  timeoutMs: number,
) => Promise<unknown>;

/** The session that a process belongs to, as far as it is asked and told of what the process does. */
export interface ProcessOwner {
  /** Set while its client is there. */
  readonly tell: Tell | undefined;
  /** Set while its client is there. */
  readonly ask: Ask | undefined;
}
