import type { LoginLink } from "../../console/console.ts";
import { invalidRequest } from "../../protocol/errors.ts";
import { covers, type Role } from "../../protocol/roles.ts";
import type { Session } from "../../session/session.ts";
import type { Handlers } from "./handler.ts";

/** Makes login links, and says where the console is. */
export type ConsoleLinks = (role: Role, who: string | undefined) => LoginLink & { readonly urls: string[] };

/** What links to the console are made with. */
export interface ConsoleDomain {
  readonly session: Session;
  /** What the connection may do. */
  readonly role: Role;
  /** Undefined on a server without a console. */
  readonly consoleLinks?: ConsoleLinks | undefined;
}

/** The way from a client to the console in a browser. */
export function consoleHandlers({ session, role, consoleLinks }: ConsoleDomain): Handlers<"console/link"> {
  return {
    "console/link"({ role: wanted = role }) {
      if (!consoleLinks) throw invalidRequest("this server has no console: start it with --console");
      if (!covers(role, wanted)) {
        throw invalidRequest(
          `a link with the role ${wanted} needs a connection that has it: this one's is ${role}`,
        );
      }
      return consoleLinks(wanted, session.who);
    },
  };
}
