import type { Context, Env, Hono, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { secureHeaders } from "hono/secure-headers";
import { CONSOLE_LOGIN_BYTES, CONSOLE_SESSION_MS } from "../limits.ts";
import type { Role } from "../protocol/roles.ts";

/** A login by a browser. */
export interface ConsoleSession {
  readonly role: Role;
  /** Tells its holder from clients with other credentials, where that counts. */
  readonly who: string | undefined;
  /** Called when it is over: what its holder has open must be closed. */
  readonly ended: Set<() => void>;
}

/** The logins of a console. */
export interface ConsoleLogins {
  readonly cookieName: string;
  /**
   * @returns the secret of a new login; "unknown" for a code that was used, is too old, or never was; "full" where nobody more
   * is let in, and the code stays good
   */
  logIn(code: string): { readonly secret: string } | "unknown" | "full";
  /** The login of a secret, if there is one. */
  session(secret: string | undefined): ConsoleSession | undefined;
  logOut(secret: string | undefined): void;
}

/** What the console's part of the HTTP side needs. */
export interface ConsoleSiteOptions {
  readonly logins: ConsoleLogins;
  /** Whether browsers see this place by TLS: its own, or that of a proxy in front. */
  readonly isSecure: boolean;
  /** Answers a request that no page of this place has made. */
  readonly refuseStranger: (c: Context, ownOrigin: string | undefined) => Response | undefined;
  /** Takes over a WebSocket of somebody who is logged in. */
  readonly serve: (session: (c: Context) => ConsoleSession) => MiddlewareHandler[];
  /** Answers with what the pages offer to save. */
  readonly downloads?: Downloads | undefined;
  readonly onRefused: (reason: string) => void;
}

/** What browsers save as it comes, for somebody who is logged in. */
export interface Downloads {
  /** A file of this machine. */
  readonly file: (c: Context, session: ConsoleSession) => Promise<Response>;
  /** What is kept of a process's output. */
  readonly output: (c: Context, session: ConsoleSession) => Promise<Response>;
}

/** What a page may load and do: what this server has, and nothing else. */
const policy = {
  defaultSrc: ["'none'"],
  // What plays recordings is WebAssembly, from a script of this server.
  scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
  styleSrc: ["'self'", "'unsafe-inline'"], // The terminal sets styles.
  connectSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  fontSrc: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
};

const refused = "This login link has been used or is too old: get a new one by exec-server console\n";

const full =
  "As many browsers are logged in as may be: log out in another one, or close its pages, and try again\n";

/** Adds the console's page, its login and its endpoint, all below `/console`. */
export function addConsole<E extends Env>(app: Hono<E>, options: ConsoleSiteOptions): void {
  const { logins, isSecure, refuseStranger } = options;
  const cookie = { httpOnly: true, sameSite: "Strict", path: "/console", secure: isSecure } as const;
  const secretOf = (c: Context) => getCookie(c, logins.cookieName);
  const headers = secureHeaders({
    contentSecurityPolicy: policy,
    xFrameOptions: "DENY",
    referrerPolicy: "no-referrer",
    strictTransportSecurity: false, // Others may serve at this name, and without TLS.
  });
  const guard: MiddlewareHandler = async (c, next) => {
    const host = c.req.header("host");
    const origin = host === undefined ? undefined : `${isSecure ? "https" : "http"}://${host}`;
    const stranger = refuseStranger(c, origin);
    if (stranger) return stranger;
    await next();
  };
  const loggedIn: MiddlewareHandler = async (c, next) => {
    const session = logins.session(secretOf(c));
    if (session) return await next();
    options.onRefused("not logged in at the console");
    return c.text("Not logged in\n", 401);
  };
  const session = (c: Context) => logins.session(secretOf(c))!;

  // What a WebSocket is answered is no page.
  app.get("/console/ws", guard, loggedIn, ...options.serve(session));
  for (const path of ["/console", "/console/*"]) app.use(path, headers, guard);
  app.get("/console", async (c) => {
    const { sendPage } = await import("./assets.ts");
    return sendPage(c, "index.html");
  });
  app.get("/console/assets/:name", async (c) => {
    const { sendPage } = await import("./assets.ts");
    return sendPage(c, c.req.param("name"));
  });
  app.get("/console/session", loggedIn, (c) => {
    c.header("cache-control", "no-store");
    return c.json({ role: session(c).role });
  });
  const { downloads } = options;
  if (downloads) {
    app.get("/console/files", loggedIn, (c) => downloads.file(c, session(c)));
    app.get("/console/output", loggedIn, (c) => downloads.output(c, session(c)));
  }
  app.post(
    "/console/login",
    bodyLimit({ maxSize: CONSOLE_LOGIN_BYTES, onError: (c) => c.text("", 413) }),
    async (c) => {
      const login = logins.logIn(codeOf(await c.req.text()));
      if (login === "full") return c.text(full, 503);
      if (login === "unknown") {
        options.onRefused("the code of a login at the console");
        return c.text(refused, 401);
      }
      setCookie(c, logins.cookieName, login.secret, { ...cookie, maxAge: CONSOLE_SESSION_MS / 1_000 });
      return c.json({ role: logins.session(login.secret)!.role });
    },
  );
  app.post("/console/logout", (c) => {
    logins.logOut(secretOf(c));
    deleteCookie(c, logins.cookieName, cookie);
    return c.body(null, 204);
  });
}

/** The code in the body of a login; one that nobody has for a body that is none. */
function codeOf(body: string): string {
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === "string" ? code : "";
  } catch {
    return "";
  }
}
