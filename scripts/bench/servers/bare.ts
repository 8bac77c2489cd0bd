import { startServer } from "../../../tests/support/server_process.ts";
import type { Contender } from "../contender.ts";

/** A runtime's own spawn and pipes. @param client runs the client process, where it is not Deno */
export function bareProcess(name: string, client?: readonly string[]): Contender {
  return {
    name,
    kind: "bare process",
    ...(client ? { client } : {}),
    start: () => Promise.resolve({ target: { kind: "bare process" }, stop: () => Promise.resolve() }),
  };
}

/** A runtime's WebSocket that carries the same bytes. */
export function bareSocket(name: string, command: readonly string[]): Contender {
  return {
    name,
    kind: "bare socket",
    async start() {
      const server = await startServer({ command: [...command] });
      return { target: { kind: "bare socket", url: server.url, pid: server.pid }, stop: () => server.stop() };
    },
  };
}
