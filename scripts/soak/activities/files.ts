import { createHash } from "node:crypto";
import { formatFileUri } from "../../../src/protocol/file_uri.ts";
import { encodeBase64 } from "../../../src/protocol/base64.ts";
import type { Activity } from "../activity.ts";
import { expect } from "../followed.ts";

/** Files written, listed, copied, read back and removed. */
export const files: Activity = {
  name: "files",
  weight: 3,
  async run({ client, random, folder, newId }) {
    const uri = (name: string) => formatFileUri(`${folder}/${name}`, "linux");
    const base = newId();
    await client.call("fs/createDirectory", { path: uri(base) });
    const bytes = random.bytes(random.magnitude(1, 3_000_000));
    const path = uri(`${base}/a b%41.txt`);
    await client.call("fs/writeFile", { path, dataBase64: encodeBase64(bytes) });
    await client.call("fs/copy", {
      sourcePath: path,
      destinationPath: uri(`${base}/copy`),
      recursive: false,
    });
    const read = await client.call("fs/readFile", { path: uri(`${base}/copy`) });
    expect("bytes", digest(read.dataBase64), digest(bytes));
    const { entries } = await client.call("fs/readDirectory", { path: uri(base) });
    expect("names", entries.map(({ fileName }) => fileName).sort().join(), "a b%41.txt,copy");
    await client.call("fs/remove", { path: uri(base), recursive: true, force: true });
  },
};

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
