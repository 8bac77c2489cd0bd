import { type Context, Hono, type MiddlewareHandler } from "hono";
import { type AccessOptions, type Refusal, refuseOrigin } from "./access.ts";
import type { Credential } from "./bearer.ts";
import type { Console } from "../console/console.ts";
import type { ConsoleSession, Downloads } from "../console/console_site.ts";
import { covers, type Role } from "../protocol/roles.ts";
import { refuseHandshake } from "./handshake.ts";
import { addProbes, type HealthOptions, metricsHeaders } from "./health.ts";
import type { Upgrade } from "../transport/listener.ts";
import type { MessageSocket } from "../transport/message_socket.ts";

/** What the HTTP side needs. */
export interface AppOptions extends HealthOptions {
  readonly access: () => AccessOptions;
  readonly upgrade: Upgrade;
  /** The names in a client's certificate; asked where access depends on them. */
  readonly clientNames?: ((context: Context) => readonly string[]) | undefined;
  /** Where the WebSocket endpoint is; `/` by default. */
  readonly path?: string | undefined;
  /** Takes over an upgraded socket, of the request that the context is about. */
  readonly accept: (
    socket: MessageSocket,
    role: Role,
    who: string | undefined,
    context: Context,
  ) => void | Promise<void>;
  /** The web console, where it is offered here. */
  readonly console?: OfferedConsole | undefined;
  /** The text of metrics, where they are told here. */
  readonly metrics?: (() => string) | undefined;
  /** Why no further connection is taken just now, or not by this request, if so. */
  readonly refuseConnection: (context: Context) => string | undefined | Promise<string | undefined>;
  /** Told of every request that is refused, for the log. */
  readonly onRefused: (refusal: Refusal) => void;
  /** Told of a request whose handling failed: a fault of this program. */
  readonly onFailed: (error: unknown) => void;
}

/** A web console, and how browsers come to it. */
export interface OfferedConsole {
  readonly console: Console;
  /** Whether they come by TLS: this server's own, or that of a proxy in front. */
  readonly isSecure: boolean;
  readonly downloads?: Downloads | undefined;
}

/** The HTTP side: probes, metrics and the WebSocket endpoint. */
export function createApp(options: AppOptions): Hono {
  const refuse = (c: Context, refusal: Refusal) => {
    options.onRefused(refusal);
    return c.text(refusal.body, refusal.status);
  };
  const credentialOf = (c: Context) => {
    const { bearer, clientNames } = options.access();
    return least([
      bearer?.(c.req.header("authorization") ?? null),
      clientNames?.(options.clientNames?.(c) ?? []),
    ]);
  };
  const isHandshake: MiddlewareHandler = async (c, next) => {
    const wrong = refuseHandshake(c.req.raw.headers);
    if (wrong !== undefined) return c.text(`This is a WebSocket endpoint: ${wrong}\n`, 400);
    await next();
  };
  const app = new Hono<{ Variables: { readonly role: Role; readonly who: string | undefined } }>();
  const takesConnection: MiddlewareHandler = async (c, next) => {
    const full = await options.refuseConnection(c);
    if (full !== undefined) return refuse(c, { status: 503, body: full, reason: full });
    await next();
  };
  // Its pages have an origin, and a login in the place of a token.
  options.console?.console.addTo(app, {
    isSecure: options.console.isSecure,
    downloads: options.console.downloads,
    refuseStranger(c, ownOrigin) {
      const allowedOrigins = ownOrigin === undefined ? [] : [ownOrigin];
      const refusal = refuseOrigin(c.req.raw.headers, { ...options.access(), allowedOrigins });
      return refusal && refuse(c, refusal);
    },
    onRefused: (reason) => options.onRefused({ status: 401, body: "", reason }),
    serve: (session) => [
      isHandshake,
      takesConnection,
      options.upgrade((socket, c) => void acceptSession(options, session(c), socket, c)),
    ],
  });
  app.use(async (c, next) => {
    const refusal = refuseOrigin(c.req.raw.headers, options.access());
    if (refusal) return refuse(c, refusal);
    await next();
  });
  addProbes(app, options);
  const { metrics } = options;
  if (metrics) {
    app.get("/metrics", (c) => {
      const { refusal: reason } = credentialOf(c);
      if (reason !== undefined) return refuse(c, { status: 401, body: reason, reason });
      return c.body(metrics(), 200, metricsHeaders);
    });
    app.all("/metrics", (c) => c.text("", 405, { allow: "GET,HEAD" }));
  }
  const { path: endpoint = "/" } = options;
  app.get(
    endpoint,
    isHandshake,
    async (c, next) => {
      const { refusal: reason, role, who } = credentialOf(c);
      if (reason !== undefined) return refuse(c, { status: 401, body: reason, reason });
      c.set("role", role);
      c.set("who", who);
      await next();
    },
    takesConnection,
    options.upgrade((socket, c) => void options.accept(socket, c.get("role"), c.get("who"), c)),
  );
  app.all(endpoint, (c) => c.text("The request method must be `GET`\n", 405, { allow: "GET" }));
  app.onError((error, c) => {
    options.onFailed(error);
    return c.text("", 500);
  });
  app.notFound((c) => c.text("", 404));
  return app as unknown as Hono;
}

/** Serves somebody who is logged in at the console, until the login is over. */
async function acceptSession(
  { accept }: AppOptions,
  session: ConsoleSession | undefined,
  socket: MessageSocket,
  c: Context,
): Promise<void> {
  if (!session) return socket.close(1008, "not logged in");
  const end = () => socket.close(1008, "logged out");
  session.ended.add(end);
  await accept(socket, session.role, session.who, c);
  session.ended.delete(end);
}

/** What somebody may do who must show several credentials: what the least of them gives. */
function least(
  credentials: readonly (Credential | undefined)[],
): { readonly role: Role; readonly who?: string | undefined; readonly refusal?: string } {
  let role: Role = "full";
  const who: string[] = [];
  for (const credential of credentials) {
    if (credential && "refusal" in credential) return { ...credential, role };
    if (credential) who.push(credential.who);
    if (credential && !covers(credential.role, role)) role = credential.role;
  }
  return { role, who: who.length === 0 ? undefined : who.join("\n") };
}
