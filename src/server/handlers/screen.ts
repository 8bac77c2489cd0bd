import type { Screens } from "../../screen/screens.ts";
import type { Session } from "../../session/session.ts";
import type { Handlers } from "./handler.ts";
import { unknownProcess } from "./process.ts";

/** What a person in front of a process's terminal would see. */
export function screenHandlers(
  { session, screens }: { readonly session: Session; readonly screens: Screens },
): Handlers<"process/screen"> {
  return {
    "process/screen"({ processId, format, scrollback }) {
      const process = session.processes.get(processId);
      if (!process) throw unknownProcess(processId);
      return screens.look(process, { format, scrollback });
    },
  };
}
