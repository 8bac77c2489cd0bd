import * as v from "valibot";
import { type NotificationName, type NotificationOf, notifications } from "../protocol/methods.ts";

/** Who is told what the server says by itself. */
export class NotificationListeners {
  readonly #listeners = new Map<string, Set<(params: unknown) => void>>();

  /**
   * Calls a listener with every notification of a kind.
   *
   * @returns what ends that
   */
  listen<Name extends NotificationName>(
    method: Name,
    listener: (params: NotificationOf<Name>) => void,
  ): () => void {
    const added = listener as (params: unknown) => void;
    const listeners = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, listeners.add(added));
    return () => void listeners.delete(added);
  }

  /** @returns false for one that does not decode; unknown ones are ignored */
  tell(method: string, params: unknown): boolean {
    if (!Object.hasOwn(notifications, method)) return true;
    const decoded = v.safeParse(notifications[method as NotificationName], params);
    if (!decoded.success) return false;
    for (const listener of this.#listeners.get(method) ?? []) listener(decoded.output);
    return true;
  }
}
