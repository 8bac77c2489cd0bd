import type { ExecServerClient } from "../client/client.ts";
import type { ExecProcess, StartRequest } from "../machine/exec_backend.ts";
import { ServerError } from "../machine/machine_error.ts";
import { RemoteBackend } from "../machine/remote/remote_backend.ts";
import { explainStart } from "./start_failure.ts";

/** Starts a command on a server. @throws {StartFailure} that says why it did not start */
export async function startCommand(
  client: ExecServerClient,
  request: StartRequest & { readonly cwd: string },
): Promise<ExecProcess> {
  try {
    return await new RemoteBackend(client).start(request);
  } catch (error) {
    throw error instanceof ServerError ? await explainStart(error, client, request) : error;
  }
}
