/** A client's own name for a process; any text, unique within a session. */
export type ProcessId = string & { readonly [processId]: never };
/** A session's name, a UUID that the server makes up. It lets its holder resume the session. */
export type SessionId = string & { readonly [sessionId]: never };

declare const processId: unique symbol;
declare const sessionId: unique symbol;

/** Marks a text as a process id. */
export function asProcessId(text: string): ProcessId {
  return text as ProcessId;
}

/** Marks a text as a session id. */
export function asSessionId(text: string): SessionId {
  return text as SessionId;
}
