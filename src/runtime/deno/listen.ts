import type { Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { LISTENER_RELAXED_CONNECTIONS } from "../../limits.ts";
import type { Logger } from "../../observe/logger.ts";
import type { HttpRuntime, ListenOptions } from "../../transport/listener.ts";
import { nodeHttp } from "../node/listen.ts";
import { ListenerWatch } from "../posix/listener_watch.ts";
import { sharedLibc } from "./native.ts";

/** HTTP as on Node: Deno's own sockets cannot evict a stalled peer. */
export const httpRuntime: HttpRuntime = nodeHttp(keepAccepting);

/** Deno's own listener accepts nothing more once it had no descriptor for a connection, and says nothing. */
function keepAccepting(server: HttpServer, where: ListenOptions, logger: Logger): { close(): void } {
  let accepted = 0;
  let open = 0;
  let again: Server | undefined;
  server.on("connection", (socket) => {
    accepted++;
    if (++open >= LISTENER_RELAXED_CONNECTIONS) sharedLibc.descriptors();
    socket.once("close", () => open--);
  });
  const watch = new ListenerWatch({
    libc: sharedLibc,
    where,
    logger,
    accepted: () => accepted,
    acceptOn: (fd) => {
      again?.close();
      again = createServer({ allowHalfOpen: true }, (socket) => server.emit("connection", socket));
      // It accepts no more, and the watch sees that; or it closes what it was given.
      again.on("error", () => {});
      again.listen({ fd });
    },
  });
  return {
    close() {
      watch.close();
      again?.close();
    },
  };
}
