/** A web server in the test's own process, told page by page what it answers. */
import { concat } from "@std/bytes/concat";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";

/** What answers a request. */
export type Page = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** The web server; `await using` stops it. */
export class HttpPeer implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #pages = new Map<string, Page>();
  readonly #rawServers: ReturnType<typeof createSocketServer>[] = [];
  #number = 0;

  static async start(): Promise<HttpPeer> {
    const peer = new HttpPeer();
    peer.#server.listen(0, "127.0.0.1");
    await once(peer.#server, "listening");
    return peer;
  }

  /** A new page. @returns its URL */
  page(answer: Page): string {
    const path = `/${++this.#number}`;
    this.#pages.set(path, answer);
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  /** A page whose answer goes out as it is written here, where a web server would put its lines in order. */
  async rawPage(answer: string): Promise<string> {
    const server = createSocketServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(answer));
    });
    this.#rawServers.push(server.listen(0, "127.0.0.1"));
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = this.#pages.get(request.url!.replace(/\?.*/, ""));
    if (page) await page(request, response);
    else response.writeHead(404).end("no such page");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#rawServers) server.close();
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** A request's whole body. */
export async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part as Uint8Array);
  return concat(parts);
}
