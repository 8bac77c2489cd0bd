import { randomBytes } from "node:crypto";
import { CONSOLE_CODE_MS, CONSOLE_CODES, CONSOLE_SESSION_MS, CONSOLE_SESSIONS } from "../limits.ts";
import type { Env, Hono } from "hono";
import type { Role } from "../protocol/roles.ts";
import {
  addConsole,
  type ConsoleLogins,
  type ConsoleSession,
  type ConsoleSiteOptions,
} from "./console_site.ts";
import { SecretList } from "./secret_list.ts";

/** A link to log in by. */
export interface LoginLink {
  /** What goes behind the URL of a place where the server listens. */
  readonly path: string;
  /** In milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Who may use the web console: codes that log in once, and the logins that they have made. No secret is kept. */
export class Console implements ConsoleLogins {
  /** Servers of one machine share its cookies, whatever their ports are. */
  readonly cookieName = `exec_console_${randomBytes(4).toString("hex")}`;
  readonly #codes = new SecretList<Omit<ConsoleSession, "ended">>(CONSOLE_CODE_MS);
  readonly #sessions = new SecretList<ConsoleSession>(CONSOLE_SESSION_MS, ({ ended }) => {
    for (const end of [...ended]) end();
  });

  /** Makes a link by which somebody logs in, once and soon. The code is behind `#`, which no browser sends or logs. */
  link(role: Role, who?: string): LoginLink {
    if (this.#codes.size >= CONSOLE_CODES) this.#codes.dropFirst(() => true);
    const { secret, expiresAtMs } = this.#codes.add({ role, who });
    return { path: `/console#login=${secret}`, expiresAtMs };
  }

  /**
   * @returns the secret of a new login; "unknown" for a code that was used, is too old, or never was; "full" where nobody more
   * is let in, and the code stays good
   */
  logIn(code: string): { readonly secret: string } | "unknown" | "full" {
    const given = this.#codes.find(code);
    if (!given) return "unknown";
    // Who has closed all pages makes room, and nobody who has one open: links are made by everybody who may look on.
    const isFull = this.#sessions.size >= CONSOLE_SESSIONS;
    if (isFull && !this.#sessions.dropFirst(({ ended }) => ended.size === 0)) return "full";
    this.#codes.take(code);
    return this.#sessions.add({ ...given, ended: new Set() });
  }

  /** The login of a secret, if there is one. */
  session(secret: string | undefined): ConsoleSession | undefined {
    return secret === undefined ? undefined : this.#sessions.find(secret);
  }

  /** Adds its page, its login and its endpoint to an HTTP side, all below `/console`. */
  addTo<E extends Env>(app: Hono<E>, options: Omit<ConsoleSiteOptions, "logins">): void {
    addConsole(app, { ...options, logins: this });
  }

  logOut(secret: string | undefined): void {
    if (secret !== undefined) this.#sessions.take(secret);
  }
}
