import process from "node:process";
import type { ConnectionOptions, Msg, NatsConnection, Status } from "@nats-io/nats-core";
import { FLEET_CONNECT_MS, FLEET_PAYLOAD_BYTES, FLEET_PING_MS, FLEET_RECONNECT_MS } from "../limits.ts";
import { osErrorCode } from "../native/os_errors.ts";
import { unref } from "../unref.ts";
import { clientOf, type Credentials, readCredentials } from "./credentials.ts";
import { FleetError } from "./fleet_error.ts";
import { subjects } from "./subjects.ts";

/** Where a fleet meets, and who somebody is there. */
export interface BrokerAddress {
  /** URLs of the servers of one broker: `nats://`, `tls://`, `ws://` or `wss://`. */
  readonly servers: readonly string[];
  /** A file of credentials. */
  readonly credentials?: string | undefined;
  /** A PEM file of authorities that are trusted beside those of the machine. */
  readonly authorities?: string | undefined;
}

/** What the broker delivers. */
export interface BrokerMessage {
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** Whether the broker says that nobody is where something was sent. */
  readonly isNobody: boolean;
  /** Where an answer goes, if one is wanted. */
  readonly replyTo: string | undefined;
}

/** How a question to many is ended. */
export interface AskAllOptions {
  /** Milliseconds without a further answer. */
  readonly stallMs: number;
  /** Milliseconds in all. */
  readonly timeoutMs: number;
}

/** A connection to a broker, which is made again for as long as it is not closed. */
export class Broker implements AsyncDisposable {
  /** The name that its answers are sent to, which the broker's rights may tie to its credentials. */
  readonly client: string;
  /** Called when the connection is lost: what was under way may not have arrived. */
  readonly lost = new Set<() => void>();
  /** Called when it is there again. */
  readonly back = new Set<() => void>();
  /** Called with what the broker refused. */
  readonly refused = new Set<(reason: string) => void>();
  readonly #nats: NatsConnection;
  #isLost = false;

  private constructor(nats: NatsConnection, client: string) {
    this.#nats = nats;
    this.client = client;
    void this.#watch();
  }

  /**
   * Connects.
   *
   * @param name what the broker's operator sees of it
   * @param inbox where answers go; a client's own by default
   * @throws {FleetError} when it cannot be reached, or does not let this credential in
   */
  static async connect(address: BrokerAddress, name: string, inbox?: string): Promise<Broker> {
    const { servers, credentials, authorities } = address;
    const held = credentials === undefined ? undefined : readCredentials(credentials);
    const client = clientOf(held?.name) ?? crypto.randomUUID();
    try {
      const nats = await dial(
        servers,
        options({ held, authorities, name, inbox: inbox ?? subjects.inboxes(client) }),
      );
      const tooSmall = refuseSmall(nats);
      if (tooSmall === undefined) return new Broker(nats, client);
      await nats.close();
      throw new Error(tooSmall);
    } catch (error) {
      hearLateErrors();
      throw new FleetError(`Cannot connect to the broker at ${servers.join(", ")}: ${explain(error)}`, {
        cause: error,
      });
    }
  }

  /** Whether there is no connection just now. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Sends to whoever listens; nothing happens while there is no connection. */
  publish(subject: string, bytes: Uint8Array, replyTo?: string): void {
    // One that came back with a smaller limit has been told of: what is lost there breaks its carrier.
    if (this.#nats.isClosed() || bytes.length > (this.#nats.info?.max_payload ?? Infinity)) return;
    this.#nats.publish(subject, bytes, replyTo === undefined ? undefined : { reply: replyTo });
  }

  /** @param queue those with one name share what comes, each message going to one of them */
  subscribe(subject: string, onMessage: (message: BrokerMessage) => void, queue?: string): Disposable {
    const subscription = this.#nats.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, message) => {
        if (error) this.#tellRefused(error.message);
        else onMessage(messageOf(message));
      },
    });
    return { [Symbol.dispose]: () => subscription.unsubscribe() };
  }

  /**
   * Asks somebody, and waits for the answer.
   *
   * @returns undefined where nobody is there, or nobody answers in time
   */
  async ask(subject: string, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
    try {
      return (await this.#nats.request(subject, bytes, { timeout: timeoutMs })).data;
    } catch (error) {
      if (isSilence(error)) return undefined;
      throw new FleetError(`The broker does not deliver to ${subject}: ${explain(error)}`, { cause: error });
    }
  }

  /** Asks all who listen, and gathers what they answer. */
  async askAll(subject: string, bytes: Uint8Array, options: AskAllOptions): Promise<Uint8Array[]> {
    const answers: Uint8Array[] = [];
    try {
      const replies = await this.#nats.requestMany(subject, bytes, {
        strategy: "stall",
        stall: options.stallMs,
        maxWait: options.timeoutMs,
        maxMessages: -1,
      });
      for await (const { data } of replies) answers.push(data);
    } catch (error) {
      if (!isSilence(error)) {
        throw new FleetError(`The broker does not deliver to ${subject}: ${explain(error)}`, {
          cause: error,
        });
      }
    }
    return answers;
  }

  /** Resolves when the broker has what was sent and subscribed so far. */
  async flushed(): Promise<void> {
    await this.#nats.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.lost.clear();
    this.back.clear();
    await this.#nats.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.#nats.status()) this.#tell(status);
  }

  #tell(status: Status): void {
    if (status.type === "disconnect") this.#isLost = true;
    if (status.type === "reconnect") this.#isLost = false;
    if (status.type === "disconnect" || status.type === "staleConnection") {
      for (const tell of [...this.lost]) {
        tell();
      }
    }
    const tooSmall = status.type === "reconnect" ? refuseSmall(this.#nats) : undefined;
    if (tooSmall !== undefined) this.#tellRefused(tooSmall);
    if (status.type === "reconnect") { for (const tell of [...this.back]) tell(); }
    if (status.type === "error") this.#tellRefused(status.error.message);
  }

  #tellRefused(reason: string): void {
    for (const tell of this.refused) tell(reason);
  }
}

interface OptionsGiven {
  readonly held: Credentials | undefined;
  readonly authorities: string | undefined;
  readonly name: string;
  readonly inbox: string;
}

function options({ held, authorities, name, inbox }: OptionsGiven): (core: Core) => ConnectionOptions {
  return (core) => ({
    name,
    inboxPrefix: inbox,
    timeout: FLEET_CONNECT_MS,
    pingInterval: FLEET_PING_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: FLEET_RECONNECT_MS,
    reconnectJitter: FLEET_RECONNECT_MS,
    reconnectJitterTLS: FLEET_RECONNECT_MS,
    ...(held === undefined ? {} : { authenticator: core.credsAuthenticator(held.text) }),
    ...(authorities === undefined ? {} : { tls: { caFile: authorities } }),
  });
}

type Core = typeof import("@nats-io/nats-core");

/** The libraries are loaded where a fleet is asked for, and nowhere else. */
async function dial(
  servers: readonly string[],
  make: (core: Core) => ConnectionOptions,
): Promise<NatsConnection> {
  const [core, { connect }] = await Promise.all([
    import("@nats-io/nats-core"),
    import("@nats-io/transport-node"),
  ]);
  const made = make(core);
  if (servers.every((server) => /^wss?:/i.test(server))) {
    return await core.wsconnect({ ...made, servers: [...servers] });
  }
  const secure = servers.some((server) => /^tls:/i.test(server));
  const hosts = servers.map((server) => server.replace(/^(nats|tls):\/\//i, ""));
  return await connect({ ...made, servers: hosts, ...(secure ? { tls: made.tls ?? {} } : {}) });
}

/** Why a broker cannot carry a fleet; undefined where it can. */
function refuseSmall({ info }: NatsConnection): string | undefined {
  if (info === undefined || info.max_payload >= FLEET_PAYLOAD_BYTES) return undefined;
  return `it takes messages of up to ${info.max_payload} bytes, and a fleet needs ${FLEET_PAYLOAD_BYTES}: ` +
    "set max_payload: 1MB in its configuration, which is the default";
}

/** The library leaves the socket of a refused connection without anybody who hears that the broker has reset it. */
function hearLateErrors(): void {
  const hear = (error: Error) => {
    if (osErrorCode(error) !== "ECONNRESET" && osErrorCode(error) !== "EPIPE") throw error;
  };
  process.on("uncaughtException", hear);
  unref(setTimeout(() => process.off("uncaughtException", hear), FLEET_CONNECT_MS));
}

/** Whether nobody is there, or nobody answered; the library says so in an error or in its cause. */
function isSilence(error: unknown): boolean {
  const { name, message, cause } = error as Error;
  return name === "NoRespondersError" || name === "TimeoutError" || /^no responders|^timeout/.test(message) ||
    (cause instanceof Error && isSilence(cause));
}

function explain(error: unknown): string {
  const { name, message } = error as Error;
  switch (name) {
    case "AuthorizationError":
      return `${message}: it wants credentials, those of --fleet-creds FILE, or does not take these`;
    case "UserAuthenticationExpiredError":
      return "the credentials have expired: make new ones by exec-server fleet add-host or add-client";
    case "PermissionViolationError":
      return `${message}: the credentials do not allow it`;
    default:
      return message;
  }
}

function messageOf({ subject, data, reply, headers }: Msg): BrokerMessage {
  return {
    subject,
    bytes: data,
    isNobody: headers?.code === 503,
    replyTo: reply === undefined || reply === "" ? undefined : reply,
  };
}
