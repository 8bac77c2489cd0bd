import type { Page } from "../page.ts";
import { processesPage } from "./processes_page.ts";
import { terminalPage } from "./terminal_page.ts";

/** Every page, in the order of the navigation. */
export const pages: readonly Page[] = [processesPage, terminalPage];
