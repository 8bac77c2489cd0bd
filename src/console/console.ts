import { Buffer } from "node:buffer";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { CONSOLE_CODE_MS, CONSOLE_CODES, CONSOLE_SESSION_MS, CONSOLE_SESSIONS } from "../limits.ts";
import type { Env, Hono } from "hono";
import type { Role } from "../protocol/roles.ts";
import {
  addConsole,
  type ConsoleLogins,
  type ConsoleSession,
  type ConsoleSiteOptions,
} from "./console_site.ts";

/** A link to log in by. */
export interface LoginLink {
  /** What goes behind the URL of a place where the server listens. */
  readonly path: string;
  /** In milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** What is kept of a secret: its SHA-256, and what it gives. */
interface Kept<Value> {
  readonly digest: Buffer;
  readonly value: Value;
  readonly expiresAtMs: number;
}

/** Who may use the web console: codes that log in once, and the logins that they have made. No secret is kept. */
export class Console implements ConsoleLogins {
  /** Servers of one machine share its cookies, whatever their ports are. */
  readonly cookieName = `exec_console_${randomBytes(4).toString("hex")}`;
  readonly #codes = new SecretList<Omit<ConsoleSession, "ended">>(CONSOLE_CODES, CONSOLE_CODE_MS);
  readonly #sessions = new SecretList<ConsoleSession>(CONSOLE_SESSIONS, CONSOLE_SESSION_MS, ({ ended }) => {
    for (const end of [...ended]) end();
  });

  /** Makes a link by which somebody logs in, once and soon. The code is behind `#`, which no browser sends or logs. */
  link(role: Role, who?: string): LoginLink {
    const { secret, expiresAtMs } = this.#codes.add({ role, who });
    return { path: `/console#login=${secret}`, expiresAtMs };
  }

  /** @returns the secret of a new login; undefined for a code that was used, is too old, or never was */
  logIn(code: string): string | undefined {
    const given = this.#codes.take(code);
    return given && this.#sessions.add({ ...given, ended: new Set() }).secret;
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

/** Values by secrets of which only the digests are kept, for some time. The oldest goes where there are too many. */
class SecretList<Value> {
  readonly #most: number;
  readonly #lifetimeMs: number;
  readonly #onEnd: (value: Value) => void;
  #kept: Kept<Value>[] = [];

  constructor(most: number, lifetimeMs: number, onEnd: (value: Value) => void = () => {}) {
    this.#most = most;
    this.#lifetimeMs = lifetimeMs;
    this.#onEnd = onEnd;
  }

  add(value: Value): { readonly secret: string; readonly expiresAtMs: number } {
    const secret = randomBytes(32).toString("base64url");
    const expiresAtMs = Date.now() + this.#lifetimeMs;
    this.#tidy(this.#most - 1);
    this.#kept.push({ digest: digestOf(secret), value, expiresAtMs });
    return { secret, expiresAtMs };
  }

  find(secret: string): Value | undefined {
    this.#tidy();
    return this.#entry(secret)?.value;
  }

  /** Finds it and ends it. */
  take(secret: string): Value | undefined {
    this.#tidy();
    const entry = this.#entry(secret);
    if (entry) this.#end((kept) => kept !== entry);
    return entry?.value;
  }

  #entry(secret: string): Kept<Value> | undefined {
    const digest = digestOf(secret);
    // Digests have one length and say nothing of how much of a guess was right.
    return this.#kept.find((kept) => timingSafeEqual(kept.digest, digest));
  }

  #tidy(most = this.#most): void {
    const now = Date.now();
    this.#end(({ expiresAtMs }, index) => expiresAtMs > now && this.#kept.length - index <= most);
  }

  #end(stays: (kept: Kept<Value>, index: number) => boolean): void {
    const ended = this.#kept.filter((kept, index) => !stays(kept, index));
    if (ended.length === 0) return;
    this.#kept = this.#kept.filter((kept) => !ended.includes(kept));
    for (const { value } of ended) this.#onEnd(value);
  }
}

function digestOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
