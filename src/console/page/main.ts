/** The console's page: logs in, connects, and shows what the address names. */
import { ExecServerClient, Machine, webSocketConnector } from "../../../client.ts";
import { remoteParts } from "../../machine/remote/remote_machine.ts";
import { element, fill } from "./dom.ts";
import { Frame } from "./frame.ts";
import { logIn, sessionRole } from "./login.ts";
import { pages } from "./pages/all.ts";
import type { ConsoleRole } from "./page.ts";
import { Router } from "./router.ts";

/** Milliseconds in which a lost connection is got back: people close their machines for the night. */
const RECOVERY_MS = 12 * 3_600_000;

async function begin(): Promise<void> {
  const refused = await logIn();
  const role = await sessionRole();
  if (role === undefined) return showLoginHelp(refused);
  const frame = new Frame(document.body);
  frame.banner("connecting ...");
  const client = await connect(frame);
  frame.banner(undefined);
  const machine = new Machine(...remoteParts(client));
  new Router({ frame, pages, machine, client, role }).begin();
}

async function connect(frame: Frame): Promise<ExecServerClient> {
  const { protocol, host } = location;
  const url = `${protocol === "https:" ? "wss" : "ws"}://${host}/console/ws`;
  return await ExecServerClient.connect(webSocketConnector(url), {
    clientName: "a person at the console",
    recoveryMs: RECOVERY_MS,
    onConnection: (state) => {
      if (state.kind === "connected") return frame.banner(undefined);
      if (state.kind === "recovering") {
        void noticeEnd(frame);
        return frame.banner("connection lost, getting it back ...");
      }
      frame.banner(`connection lost: ${state.reason}. Load this page again`);
    },
  });
}

/** A server that was started anew knows neither this login nor what was shown: only a new link helps. */
async function noticeEnd(frame: Frame): Promise<void> {
  let known: ConsoleRole | undefined;
  for (;;) {
    try {
      known = await sessionRole();
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
  if (known === undefined) frame.banner(`this login is over. ${loginHelp}`);
}

const loginHelp = "Get a new link by: exec-server console";

function showLoginHelp(refused: string | undefined): void {
  fill(
    document.body,
    element(
      "main",
      { class: "login" },
      element("h1", {}, "exec-server"),
      element("p", { role: "alert" }, refused ?? "You are not logged in here."),
      element("p", {}, `${loginHelp}, on the server's machine or with --url.`),
    ),
  );
}

begin().catch((error: Error) => {
  fill(document.body, element("main", { class: "login" }, element("p", { role: "alert" }, error.message)));
});
