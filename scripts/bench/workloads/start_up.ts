/** How long it takes from the shell: until a server is ready, and for one command, alone or on a server that is there. */
import { ms, type Numbers } from "../metric.ts";
import type { Workload } from "../workload.ts";

export const startUp: Workload = {
  name: "start-up",
  metrics: [ms("start-up to ready"), ms("run -- true"), ms("run --url -- true")],
  besides: ["bare socket", "sshd", "websocketd"],
  async runContender(contender) {
    const started = performance.now();
    const server = await contender.start();
    const numbers: Numbers = { "start-up to ready": performance.now() - started };
    try {
      if (contender.run) numbers["run -- true"] = await timeCommand(contender.run);
      if (contender.runOn) numbers["run --url -- true"] = await timeCommand(contender.runOn(server.target));
    } finally {
      await server.stop();
    }
    return numbers;
  },
};

async function timeCommand([program, ...args]: readonly string[]): Promise<number> {
  const started = performance.now();
  const { success, stderr } = await new Deno.Command(program!, { args: [...args, "true"], stdin: "null" })
    .output();
  if (!success) throw new Error(`${program} fails: ${new TextDecoder().decode(stderr).trim()}`);
  return performance.now() - started;
}
