import type { Activity } from "../activity.ts";
import { expect } from "../followed.ts";

/** A client that follows nothing and asks for output instead: what it is told as the end comes after all of it. */
export const polling: Activity = {
  name: "polling",
  weight: 3,
  async run({ client, random, census, newId }) {
    const processId = newId();
    const lines = random.magnitude(1, 40_000);
    const argv = ["sh", "-c", `echo $$; seq ${lines}; sleep 0.0${random.integer(0, 9)}; echo end`];
    const params = { processId, argv, cwd: "file:///tmp", env: census.env, tty: false };
    const process = await client.start(params, { lossless: false });
    try {
      const decoder = new TextDecoder();
      let text = "";
      for (let afterSeq = 0;;) {
        const maxBytes = random.chance(0.5) ? random.magnitude(1, 200_000) : undefined;
        const waitMs = random.chance(0.8) ? random.magnitude(1, 2_000) : 0;
        const answer = await client.call("process/read", { processId, afterSeq, maxBytes, waitMs });
        for (const { seq, chunk } of answer.chunks) {
          if (seq <= afterSeq) throw new Error(`Event ${seq} came after ${afterSeq}`);
          afterSeq = seq;
          text += decoder.decode(chunk, { stream: true });
        }
        if (answer.chunks.length === 0) afterSeq = answer.nextSeq - 1;
        if (answer.closed && answer.chunks.length === 0) break;
      }
      const [pid, ...rest] = text.split("\n");
      expect("lines", rest.length, lines + 2);
      expect("last lines", rest.slice(-3).join(), `${lines},end,`);
      await census.ended(Number(pid));
    } finally {
      if (!process.ended) await client.call("process/terminate", { processId }).catch(() => {});
    }
  },
};
