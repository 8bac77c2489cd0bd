import type { Page } from "../page.ts";
import { filesPage } from "./files_page.ts";
import { logsPage } from "./logs_page.ts";
import { machinePage } from "./machine_page.ts";
import { processesPage } from "./processes_page.ts";
import { recordingsPage } from "./recordings_page.ts";
import { terminalPage } from "./terminal_page.ts";

/** Every page, in the order of the navigation. */
export const pages: readonly Page[] = [
  processesPage,
  terminalPage,
  logsPage,
  filesPage,
  machinePage,
  recordingsPage,
];
