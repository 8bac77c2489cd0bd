import { invalidRequest } from "../../protocol/errors.ts";
import { EncodedResult, type Handlers } from "./handler.ts";

/** What a connection is arranged with. */
export interface ConnectionDomain {
  /** Begins to send and to take binary frames; undefined on a transport that carries text only. */
  readonly useBinaryFrames: (() => void) | undefined;
}

/** How the client and the server talk to each other on this connection. */
export function connectionHandlers(
  { useBinaryFrames }: ConnectionDomain,
): Handlers<"connection/useBinaryFrames"> {
  return {
    "connection/useBinaryFrames"() {
      if (!useBinaryFrames) throw invalidRequest("this connection carries text only, and no binary messages");
      return new EncodedResult(() => "{}", useBinaryFrames); // Behind the answer, which tells of it.
    },
  };
}
