/** Uses the library's types as a program does. It is compiled, in this tree and against the installed package, and not run. */
import {
  type ExecBackend,
  type ExecProcess,
  ExecServerClient,
  LocalBackend,
  type ProcessEvent,
  type ProcessState,
  RemoteBackend,
  type ResultOf,
  ServerError,
  type StartRequest,
  stdioServerConnector,
  UnifiedExecProcess,
  webSocketConnector,
} from "exec-server";
import { webSocketConnector as browserConnector } from "exec-server/client";

export async function backends(url: string): Promise<ExecBackend[]> {
  const connector = webSocketConnector(url, { token: "secret" });
  const client: ExecServerClient = await ExecServerClient.connect(connector, {
    onConnection: (state) => state.kind === "recovering" ? state.reason : undefined,
  });
  const piped = await ExecServerClient.connect(
    stdioServerConnector({ argv: ["ssh", "host", "exec-server"] }),
  );
  const open = await ExecServerClient.connect(browserConnector(url));
  // @ts-expect-error: a browser's socket cannot show a token
  browserConnector(url, { token: "secret" });
  const listed: ResultOf<"process/list"> = await client.call("process/list", null);
  const ids: string[] = listed.processes.map(({ processId }) => processId);
  // @ts-expect-error: there is no such method
  await client.call("process/unlist", ids);
  // @ts-expect-error: the path is missing
  await client.call("fs/readFile", {});
  return [new LocalBackend(), new RemoteBackend(client), new RemoteBackend(piped), new RemoteBackend(open)];
}

export async function exitCode(backend: ExecBackend, argv: readonly string[]): Promise<number | null> {
  const request: StartRequest = { argv, cwd: "/tmp", tty: true, size: { rows: 24, cols: 80 } };
  try {
    const child: ExecProcess = await backend.start(request);
    const unified = new UnifiedExecProcess(child, { limitBytes: 1_000 });
    const end: "ended" | "failed" | "pattern" | "quiet" | "deadline" = await unified.waitUntil({
      pattern: /done/,
    });
    const state: ProcessState = unified.state;
    return end === "ended" ? state.exitCode : null;
  } catch (error) {
    if (error instanceof ServerError) return error.rpcCode;
    throw error;
  }
}

export function bytesOf(event: ProcessEvent): Uint8Array | undefined {
  return event.kind === "output" ? event.bytes : undefined;
}
