import type { ResultOf } from "../../../protocol/methods.ts";
import { element, fill } from "../dom.ts";
import { downloadAddress } from "../files/directory_view.ts";
import { lastName } from "../files/paths.ts";
import { bytesText, momentText } from "../format.ts";
import { ListedProcesses, nameOf } from "../machine/listed_processes.ts";
import type { Page, PageContext } from "../page.ts";
import { loadPlayer } from "../recordings/player.ts";
import { readRecording } from "../recordings/recording_text.ts";
import { repeat } from "../repeat.ts";

const pollMs = 5_000;

type Recording = ResultOf<"recording/list">["recordings"][number];

/** What the server has recorded of processes, to be played. */
export const recordingsPage: Page = {
  path: "recordings",
  title: "Recordings",
  isOffered: ({ client, role }) => role === "full" && client.can("recordingList"),
  async show(context) {
    const path = context.parameters.get("path");
    if (path === null) await showList(context);
    else await play(context, path);
  },
};

async function showList({ client, root, signal }: PageContext): Promise<void> {
  const rows = element("tbody");
  const note = element("p");
  const heads = ["Recording", "Process", "Size", "Written", ""].map((text) =>
    element("th", { scope: "col" }, text)
  );
  const table = element(
    "table",
    { class: "list plain" },
    element("thead", {}, element("tr", {}, ...heads)),
    rows,
  );
  fill(root, element("h1", {}, "Recordings"), table, note);
  const processes = new ListedProcesses(client);
  let shown = "";
  await repeat(
    async () => {
      const [list] = await Promise.all([client.call("recording/list", null), processes.refresh()]);
      // Rows that have not changed stay, so that what has the focus keeps it.
      if (signal.aborted || shown === JSON.stringify(list)) return;
      shown = JSON.stringify(list);
      rows.replaceChildren(...list.recordings.map((recording) => row(recording, processes)));
      note.textContent = noteOf(list);
    },
    pollMs,
    signal,
  );
}

function row(
  { path, bytes, modifiedAtMs, handle, isRunning }: Recording,
  processes: ListedProcesses,
): HTMLElement {
  const process = handle === null ? undefined : processes.find(handle);
  const open = element("a", { href: `#/recordings?${new URLSearchParams({ path })}` }, lastName(path));
  const download = element("a", { href: downloadAddress(path), download: "" }, "Download");
  const written = isRunning ? "is recorded now" : momentText(modifiedAtMs);
  const cells = [open, process ? nameOf(process) : "", bytesText(bytes), written, download];
  return element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));
}

function noteOf({ folder, recordings, isCut }: ResultOf<"recording/list">): string {
  if (folder === null) {
    return "This server records nothing by itself: exec-server serve --record-dir DIRECTORY.";
  }
  if (recordings.length === 0) return "Nothing has been recorded.";
  return isCut ? "There are more, which are older." : "";
}

async function play({ client, root, signal }: PageContext, path: string): Promise<void> {
  const place = element("div", { class: "player" });
  const note = element("p", { role: "status" }, "loading ...");
  const download = element("a", { href: downloadAddress(path), download: "" }, "Download");
  fill(root, element("h1", {}, lastName(path)), element("p", {}, download), note, place);
  const [{ create }, { text, isCut }] = await Promise.all([
    loadPlayer(),
    readRecording(client, path, signal),
  ]);
  if (signal.aborted) return;
  note.textContent = isCut ? "It is long: this is its beginning. Download it to see all of it." : "";
  const player = create({ data: text }, place, {
    preload: true,
    fit: "width",
    terminalFontSize: "small",
    controls: true,
  });
  signal.addEventListener("abort", () => player.dispose());
}
