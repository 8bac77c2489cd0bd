import type { PlatformOs } from "../../../protocol/file_uri.ts";
import { element, fill } from "../dom.ts";
import { readItems } from "../files/directory.ts";
import { DirectoryView, downloadAddress } from "../files/directory_view.ts";
import { pathBar } from "../files/path_bar.ts";
import { lastName } from "../files/paths.ts";
import { readText } from "../files/text_file.ts";
import { UploadList } from "../files/upload_list.ts";
import type { Page, PageContext } from "../page.ts";

/** The files of the server's machine. */
export const filesPage: Page = {
  path: "files",
  title: "Files",
  isOffered: ({ role }) => role === "full",
  async show(context: PageContext) {
    const { client, root, parameters, navigate } = context;
    const { cwd, userHomeDir, platformOs } = client.environmentInfo;
    const uri = parameters.get("path") ?? userHomeDir ?? cwd ?? "file:///";
    const go = (path: string) => navigate("files", { path });
    fill(root, element("h1", {}, "Files"), pathBar(uri, (platformOs ?? "linux") as PlatformOs, go));
    const { isDirectory } = await client.call("fs/getMetadata", { path: uri });
    if (isDirectory) await showDirectory(context, uri, go);
    else await showFile(context, uri);
  },
};

async function showDirectory(
  { client, root, signal }: PageContext,
  uri: string,
  go: (uri: string) => void,
): Promise<void> {
  const view = new DirectoryView(client, signal, (item) => go(item.uri));
  const refresh = async () => view.show(await readItems(client, uri));
  const uploads = new UploadList(client, signal, () => void refresh());
  const send = async (files: Iterable<File>) => {
    const chosen = [...files];
    const names = new Set((await readItems(client, uri)).map(({ name }) => name));
    const taken = chosen.map(({ name }) => name).filter((name) => names.has(name));
    if (taken.length > 0 && !confirm(`Replace ${taken.join(", ")}?`)) return;
    uploads.add(chosen, uri);
  };
  root.append(uploadField(send), uploads.element, view.element);
  takeDropped(root, signal, send);
  await refresh();
}

async function showFile({ client, root }: PageContext, uri: string): Promise<void> {
  const download = element("a", { href: downloadAddress(uri), download: "" }, `Download ${lastName(uri)}`);
  const content = element("pre", { class: "file", tabIndex: 0 });
  const note = element("p", {});
  root.append(element("p", {}, download), note, content);
  const { text, isCut } = await readText(client, uri);
  content.textContent = text ?? "";
  note.textContent = text === undefined ? "This is no text." : isCut ? "This is the beginning of it." : "";
}

function uploadField(send: (files: Iterable<File>) => Promise<void>): HTMLElement {
  const input = element("input", { type: "file", multiple: true });
  input.addEventListener("change", async () => {
    const files = [...input.files ?? []];
    input.value = "";
    await send(files);
  });
  return element("p", {}, element("label", {}, "Upload to this directory, or drop files here: ", input));
}

function takeDropped(
  root: HTMLElement,
  signal: AbortSignal,
  send: (files: Iterable<File>) => Promise<void>,
): void {
  root.addEventListener("dragover", (event) => event.preventDefault(), { signal });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    void send(event.dataTransfer?.files ?? []);
  }, { signal });
}
