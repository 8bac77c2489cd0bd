/** A proxy's front for HTTP/1: requests one after the other, and tunnels by CONNECT. */
import { setTimeout } from "node:timers";
import { concat } from "../std/bytes/concat.ts";
import type { NetworkConnection } from "../host/network.ts";
import { NETWORK_PROXY_HEAD_BYTES, NETWORK_PROXY_LINGER_MS } from "../limits.ts";
import { blockedAnswer, type OwnAnswer, plainAnswer } from "./blocked_answer.ts";
import { ByteReader, TooLongError } from "./byte_reader.ts";
import type { Gate } from "./gate.ts";
import { forward } from "./http_forward.ts";
import {
  headBytes,
  HttpError,
  listOf,
  readRequestHead,
  requestFraming,
  type RequestHead,
} from "./http_message.ts";
import { readTarget, type Target } from "./http_target.ts";
import { relay } from "./relay.ts";

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  502: "Bad Gateway",
};

/** Serves a connection until it ends. Never throws. */
export async function serveHttp(connection: NetworkConnection, gate: Gate): Promise<void> {
  const session = new HttpSession(connection, gate);
  try {
    while (await session.serveOne());
    await session.linger();
  } catch {
    // It broke, at one end or the other, when it was too late to say so.
    connection.destroy("reset");
  }
}

class HttpSession {
  readonly #connection: NetworkConnection;
  readonly #gate: Gate;
  readonly #reader: ByteReader;

  constructor(connection: NetworkConnection, gate: Gate) {
    this.#connection = connection;
    this.#gate = gate;
    this.#reader = new ByteReader(connection);
  }

  /** Serves one request; false where none is to follow. */
  async serveOne(): Promise<boolean> {
    let head: RequestHead;
    let target: Target;
    try {
      const text = await this.#reader.readHead(NETWORK_PROXY_HEAD_BYTES);
      if (text === null) return false;
      head = readRequestHead(text);
      requestFraming(head);
      target = readTarget(head);
    } catch (error) {
      if (error instanceof TooLongError) return await this.#refuse(plainAnswer(431));
      if (error instanceof HttpError) return await this.#refuse(plainAnswer(400, targetWords(error)));
      throw error;
    }
    if (listOf(head.headers, "x-unix-socket").length > 0) return await this.#refuseUnixSocket(head);
    return head.method === "CONNECT" ? await this.#tunnel(head, target) : await this.#request(head, target);
  }

  async #request(head: RequestHead, target: Target): Promise<boolean> {
    const { host, port } = target;
    const isLast = isLastRequest(head);
    const framing = requestFraming(head);
    const hasBody = framing.kind !== "length" || framing.bytes > 0;
    const { method } = head;
    const ruling = await this.#gate.decide({
      protocol: "http",
      host,
      port,
      method,
      client: this.#connection.peer,
    });
    if (!ruling.allowed) return await this.#answer(blockedAnswer(ruling.decision), head, isLast || hasBody);
    const upstream = await this.#gate.connect(ruling.addresses, port).catch(() => undefined);
    if (!upstream) return await this.#answer(plainAnswer(502, "upstream failure"), head, isLast || hasBody);
    const { signal } = this.#gate;
    const end = () => upstream.destroy();
    signal.addEventListener("abort", end);
    try {
      const outcome = await forward(
        { head, target, framing, isLast },
        this.#reader,
        this.#connection,
        upstream,
      );
      if (outcome !== "unanswered") return outcome === "go on";
      return await this.#answer(plainAnswer(502, "upstream failure"), head, true);
    } finally {
      signal.removeEventListener("abort", end);
      upstream.destroy();
    }
  }

  async #tunnel(head: RequestHead, { host, port }: Target): Promise<boolean> {
    const client = this.#connection.peer;
    const request = { protocol: "https_connect", host, port, method: "CONNECT", client } as const;
    const ruling = await this.#gate.decide(request);
    if (!ruling.allowed) return await this.#answer(blockedAnswer(ruling.decision), head, false);
    const upstream = await this.#gate.connect(ruling.addresses, port).catch(() => undefined);
    if (!upstream) return await this.#answer(plainAnswer(502, "upstream failure"), head, false);
    const { signal } = this.#gate;
    const end = () => upstream.destroy("reset");
    signal.addEventListener("abort", end);
    try {
      if (signal.aborted) throw signal.reason;
      await this.#connection.write(headBytes("HTTP/1.1 200 OK", []));
      await relay(this.#reader, this.#connection, upstream);
    } finally {
      signal.removeEventListener("abort", end);
      upstream.destroy();
    }
    return false;
  }

  async #refuseUnixSocket(head: RequestHead): Promise<boolean> {
    const { method } = head;
    await this.#gate.record({
      request: { protocol: "http", host: "unix-socket", port: 0, method, client: this.#connection.peer },
      scope: "non_domain",
      decision: "deny",
      source: "proxy_state",
      reason: "unix_socket_unsupported",
      isOverride: false,
    });
    return await this.#answer(plainAnswer(501, "unix sockets unsupported"), head, true);
  }

  /** Nothing more is read: where the next request begins is not known. */
  async #refuse(answer: OwnAnswer): Promise<false> {
    await this.#write(answer, "GET", true);
    return false;
  }

  async #answer(answer: OwnAnswer, { method }: RequestHead, isLast: boolean): Promise<boolean> {
    await this.#write(answer, method, isLast);
    return !isLast;
  }

  async #write({ status, headers, body }: OwnAnswer, method: string, isLast: boolean): Promise<void> {
    const bytes = new TextEncoder().encode(body);
    const head = headBytes(`HTTP/1.1 ${status} ${reasons[status]}`, [
      ...headers,
      ["content-length", String(bytes.length)],
      ["date", new Date().toUTCString()],
      ...isLast ? [["connection", "close"] as const] : [],
    ]);
    await this.#connection.write(method === "HEAD" ? head : concat([head, bytes]));
  }

  /** Ends the connection when its end was read: what comes after that would take an answer with it that nobody has read. */
  async linger(): Promise<void> {
    this.#connection.end();
    const timer = setTimeout(() => this.#connection.destroy(), NETWORK_PROXY_LINGER_MS);
    try {
      while (await this.#connection.read());
    } finally {
      clearTimeout(timer);
      this.#connection.destroy();
    }
  }
}

/** The client is told of this mistake alone; others are no HTTP, to which no words are said. */
function targetWords({ message }: HttpError): string {
  return message.startsWith("Host header") ? message : "";
}

function isLastRequest({ headers, minor }: RequestHead): boolean {
  const said = [...listOf(headers, "connection"), ...listOf(headers, "proxy-connection")];
  return minor === 0 || said.includes("close");
}
