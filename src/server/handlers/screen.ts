import { unknownProcess } from "./process.ts";
import type { Handlers } from "./handler.ts";

/** What a person in front of a process's terminal would see. */
export const screenHandlers: Handlers<"process/screen"> = {
  "process/screen"({ processId, format, scrollback }, { session, screens }) {
    const process = session.processes.get(processId);
    if (!process) throw unknownProcess(processId);
    return screens.look(process, { format, scrollback });
  },
};
