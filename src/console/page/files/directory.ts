import type { ExecServerClient } from "../../../client/client.ts";
import type { ResultOf } from "../../../protocol/methods.ts";
import { below } from "./paths.ts";

/** What is in a directory. */
export interface DirectoryItem {
  readonly name: string;
  readonly uri: string;
  readonly kind: "directory" | "file" | "other";
  /** Whether its name is text, so that it can be asked for. */
  readonly isNamed: boolean;
}

export type Metadata = ResultOf<"fs/getMetadata">;

/** Calls at once for what a directory does not tell of what is in it. */
const looksAtOnce = 8;

/** What is in a directory: directories first, each by name. */
export async function readItems(client: ExecServerClient, directory: string): Promise<DirectoryItem[]> {
  const { entries } = await client.call("fs/readDirectory", { path: directory });
  const items = entries.map(({ fileName: name, isDirectory, isFile }): DirectoryItem => ({
    name,
    uri: below(directory, name),
    kind: isDirectory ? "directory" : isFile ? "file" : "other",
    isNamed: !name.includes("\ufffd"),
  }));
  const order = new Intl.Collator(undefined, { numeric: true });
  return items.sort((a, b) =>
    Number(b.kind === "directory") - Number(a.kind === "directory") || order.compare(a.name, b.name)
  );
}

/** Looks at items one after the other, some at a time. Those that cannot be looked at are left out. */
export async function lookAt(
  client: ExecServerClient,
  items: readonly DirectoryItem[],
  signal: AbortSignal,
  onFound: (item: DirectoryItem, metadata: Metadata) => void,
): Promise<void> {
  const queue = items.filter(({ isNamed }) => isNamed).values();
  const work = async () => {
    for (const item of queue) {
      const metadata = await client.call("fs/getMetadata", { path: item.uri }).catch(() => undefined);
      if (signal.aborted) return;
      if (metadata) onFound(item, metadata);
    }
  };
  await Promise.all(Array.from({ length: looksAtOnce }, work));
}
