/** A client's own name for a process; any text, unique within a session. */
export type ProcessId = string & { readonly [processId]: never };
/** A process's name on its server, a UUID that the server makes up: the same for everybody, and no secret. */
export type ProcessHandle = string & { readonly [processHandle]: never };
/** A conversation of an agent, on whose behalf a process runs. Its client made it up. */
export type ThreadId = string & { readonly [threadId]: never };
/** A session's name, a UUID that the server makes up. It lets its holder resume the session. */
export type SessionId = string & { readonly [sessionId]: never };

declare const processId: unique symbol;
declare const processHandle: unique symbol;
declare const threadId: unique symbol;
declare const sessionId: unique symbol;

/** Marks a text as a process id. */
export function asProcessId(text: string): ProcessId {
  return text as ProcessId;
}

/** Marks a text as a process handle. */
export function asProcessHandle(text: string): ProcessHandle {
  return text as ProcessHandle;
}

/** Marks a text as a thread id. */
export function asThreadId(text: string): ThreadId {
  return text as ThreadId;
}

/** Marks a text as a session id. */
export function asSessionId(text: string): SessionId {
  return text as SessionId;
}
