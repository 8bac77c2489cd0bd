import type { AttachedProcess, ExecServerClient, TcpProcess } from "../../client/client.ts";
import type { MethodName, ParamsSent, ResultOf } from "../../protocol/methods.ts";
import type { Sandbox } from "../../protocol/schemas/sandbox.ts";
import type { CallOptions } from "../../client/call.ts";
import type { RemoteProcess } from "../../client/remote_process.ts";
import { failingAlike } from "../machine_error.ts";

/** A client whose server's refusals come as those of a machine. */
export class AlikeClient {
  readonly client: ExecServerClient;

  constructor(client: ExecServerClient) {
    this.client = client;
  }

  get environmentInfo(): ExecServerClient["environmentInfo"] {
    return this.client.environmentInfo;
  }

  can(capability: string): boolean {
    return this.client.can(capability);
  }

  call<Name extends MethodName>(
    method: Name,
    params: ParamsSent<Name>,
    options?: CallOptions,
  ): Promise<ResultOf<Name>> {
    return failingAlike(() => this.client.call(method, params, options));
  }

  start(params: ParamsSent<"process/start">): Promise<RemoteProcess> {
    return failingAlike(() => this.client.start(params));
  }

  connectTcp(params: ParamsSent<"tcp/connect">): Promise<TcpProcess> {
    return failingAlike(() => this.client.connectTcp(params));
  }

  attach(params: ParamsSent<"process/attach">): Promise<AttachedProcess> {
    return failingAlike(() => this.client.attach(params));
  }

  adopt(params: ParamsSent<"process/adopt">): Promise<AttachedProcess> {
    return failingAlike(() => this.client.adopt(params));
  }

  detach(processId: string): Promise<void> {
    return failingAlike(() => this.client.detach(processId));
  }
}

/** The same for whoever may see and change only some of the server's files. */
export class ConfinedClient extends AlikeClient {
  readonly #sandbox: Sandbox;

  constructor(client: ExecServerClient, sandbox: Sandbox) {
    super(client);
    this.#sandbox = sandbox;
  }

  override call<Name extends MethodName>(
    method: Name,
    params: ParamsSent<Name>,
    options?: CallOptions,
  ): Promise<ResultOf<Name>> {
    const namesFile = method.startsWith("fs/") && params && ("path" in params || "sourcePath" in params);
    return super.call(method, namesFile ? { ...params, sandbox: this.#sandbox } : params, options);
  }
}
