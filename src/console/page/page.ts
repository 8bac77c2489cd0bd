import type { ExecServerClient, Machine } from "../../../client.ts";

/** What somebody may do here, as the login link gave it. */
export type ConsoleRole = "view" | "control" | "full";

/** One of the console's pages. */
export interface Page {
  /** What stands for it in the address, behind `#/`. */
  readonly path: string;
  /** What the navigation calls it; empty for one that only other pages lead to. */
  readonly title: string;
  /** Whether it is offered to who has this role, on this server; to everybody by default. */
  readonly isOffered?: (context: Pick<PageContext, "role" | "machine" | "client">) => boolean;
  /** Shows it until the signal says that another page is shown. What it throws is shown instead. */
  show(context: PageContext): Promise<void> | void;
}

/** What a page works with. */
export interface PageContext {
  readonly machine: Machine;
  /** The connection that the machine is reached by. */
  readonly client: ExecServerClient;
  readonly role: ConsoleRole;
  /** What it fills. */
  readonly root: HTMLElement;
  /** Aborted when another page is shown: what was begun must end. */
  readonly signal: AbortSignal;
  /** What stands in the address behind its path. */
  readonly parameters: URLSearchParams;
  /** Goes to another page. */
  navigate(path: string, parameters?: Readonly<Record<string, string>>): void;
}
