import { Wire } from "../../../tests/support/wire.ts";
import { formatFileUri } from "../../../src/protocol/file_uri.ts";
import type { Activity } from "../activity.ts";

/** A directory that is watched over a connection of its own, and files that come into being in it. */
export const watch: Activity = {
  name: "watch",
  weight: 2,
  async run({ url, random, folder, newId }) {
    using wire = await Wire.open(url);
    await wire.initialize();
    const name = newId();
    const watched = `${folder}/${name}`;
    await Deno.mkdir(watched);
    const path = formatFileUri(watched, "linux");
    await wire.request("fs/watch", { watchId: "w", path, recursive: random.chance(0.5) });
    for (let left = random.integer(1, 5); left > 0; left--) {
      const changed = wire.next(({ method, params }) =>
        method === "fs/changed" && JSON.stringify(params).includes(`file-${left}`)
      );
      await Deno.writeTextFile(`${watched}/file-${left}`, "x");
      await changed;
    }
    await Deno.remove(watched, { recursive: true });
  },
};
