import { delay } from "../std/async/delay.ts";
import { PS_WATCH_MS } from "../limits.ts";
import type { ListedProcess } from "../machine/shared_process.ts";
import { defineCommand } from "./command.ts";
import { print } from "./print.ts";
import { serverFlags } from "./server_flags.ts";
import { processLines, processTable } from "./process_table_text.ts";

const flags = {
  ...serverFlags,
  all: { short: "a", help: "Show processes that have ended too" },
  json: { help: "Print each process as a line of JSON" },
  watch: { help: "Print them again whenever something has changed, until Ctrl-C" },
} as const;

/** `exec-server ps` */
export const ps = defineCommand({
  name: "ps",
  summary: "List the processes of a server, whosever they are",
  examples: ["--url ws://127.0.0.1:9000", "-a --json", "--watch"],
  flags,
  async run({ flags: { all, json, watch, ...choice } }, host) {
    const { openShared } = await import("./shared_target.ts");
    await using target = await openShared(choice, host);
    const show = (processes: readonly ListedProcess[]) => {
      const shown = processes.filter(({ exited }) => all || !exited);
      return print(host, json ? processLines(shown) : processTable(shown, Date.now()));
    };
    let sinceRevision: number | undefined;
    for (;;) {
      const { revision, processes } = await target.client.call("process/listAll", { sinceRevision });
      const status = processes ? await show(processes) : 0;
      if (!watch || status !== 0) return status;
      sinceRevision = revision;
      await delay(PS_WATCH_MS);
    }
  },
});
