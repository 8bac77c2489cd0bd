import type { Session } from "../../session/session.ts";
import type { Forwarding } from "../forwarding.ts";
import type { Outbox } from "../outbox.ts";
import type { Handlers } from "./handler.ts";

/** What connections to ports are worked with. */
export interface TcpDomain {
  readonly session: Session;
  readonly outbox: Outbox;
  readonly forwarding: Forwarding;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
}

/** Connections to ports of this machine. */
export function tcpHandlers(
  { session, outbox, forwarding, signal }: TcpDomain,
): Handlers<"tcp/connect" | "tcp/taken" | "tcp/close"> {
  const find = (id: Parameters<Session["find"]>[0]) => {
    const attachment = session.find(id);
    return attachment?.process.isConnection ? attachment : undefined;
  };
  return {
    async "tcp/connect"(params) {
      const { attachment, address } = await forwarding.connect(session, params, signal);
      outbox.follow(attachment.subscription);
      return { address };
    },

    "tcp/taken"({ processId, seq }) {
      const attachment = find(processId);
      if (attachment) forwarding.taken(attachment, seq);
      return {};
    },

    "tcp/close"({ processId }) {
      const attachment = find(processId);
      if (attachment) session.processes.disconnect(attachment.process);
      return {};
    },
  };
}
