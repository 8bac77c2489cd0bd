import type { Absent, Contender } from "../contender.ts";
import { installed } from "../installed.ts";
import { startDaemon } from "./daemon.ts";

/** `websocketd` from Debian's package of that name, in its binary mode, which passes bytes on as they come. */
export function websocketd(name: string): Contender | Absent {
  const program = installed("websocketd");
  if (!program) return { name, reason: "It is not installed; Debian's package is websocketd" };
  return {
    name,
    kind: "websocketd",
    async start() {
      const folder = await Deno.makeTempDir({ prefix: "bench-websocketd-" });
      const flags = ["--address=127.0.0.1", "--loglevel=fatal", "--binary", `--dir=${folder}`];
      const { port, pid, stop } = await startDaemon((port) => [program, `--port=${port}`, ...flags]);
      return {
        target: { kind: "websocketd", url: `ws://127.0.0.1:${port}`, pid, folder },
        async stop() {
          await stop();
          await Deno.remove(folder, { recursive: true });
        },
      };
    },
  };
}
