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
      const attachment = session.find(processId);
      if (!attachment) throw unknownProcess(processId);
      return screens.look(attachment.process, { format, scrollback });
    },
  };
}
