import { DETACHED_SESSION_MS } from "../../../src/limits.ts";
import { Wire } from "../../../tests/support/wire.ts";
import type { Activity } from "../activity.ts";

/** Milliseconds after the session's end in which its processes are gone, however busy the machine is. */
const SLACK_MS = 30_000;

/** A client that goes away for good: its process may live as long as its session, and no longer. */
export const abandoned: Activity = {
  name: "abandoned",
  weight: 1,
  async run({ url, census, newId }) {
    using wire = await Wire.open(url);
    await wire.initialize();
    const argv = ["sh", "-c", "echo $$; exec sleep 1000"];
    await wire.request("process/start", {
      processId: newId(),
      argv,
      cwd: "file:///tmp",
      env: census.env,
      tty: false,
    });
    const { params } = await wire.next(({ method }) => method === "process/output");
    census.left(Number(atob(params.chunk)), DETACHED_SESSION_MS + SLACK_MS);
  },
};
