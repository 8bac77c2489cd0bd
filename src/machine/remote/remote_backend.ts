import type { ExecServerClient } from "../../client/client.ts";
import { type OptionNames, refuseUnknownOptions } from "../../client/known_options.ts";
import type { PlatformOs } from "../../protocol/file_uri.ts";
import type { ExecBackend, StartRequest } from "../exec_backend.ts";
import { refusedError } from "../machine_error.ts";
import { lookAfterExecs, wireExecPolicy } from "../exec_policy_request.ts";
import { lookAfter, wireNetwork } from "../network_request.ts";
import { wireSandbox } from "../sandbox_request.ts";
import type { AttachOptions, ListedProcess, SharedProcess, SharedProcesses } from "../shared_process.ts";
import { checkStartRequest, directoryUri, envOf, envPolicyOf, wantsAnswers } from "../start_request.ts";
import { AlikeClient } from "./alike_client.ts";
import { cannotShare, findProcess } from "./find_process.ts";
import { RemoteExecProcess } from "./remote_exec_process.ts";

/** Processes of a server. The client is the caller's to close. */
export class RemoteBackend implements ExecBackend, SharedProcesses {
  readonly #client: AlikeClient;

  constructor(client: ExecServerClient) {
    this.#client = new AlikeClient(client);
  }

  async start(request: StartRequest): Promise<SharedProcess> {
    checkStartRequest(request);
    const { name, lifetime, lossless } = request;
    if ((name !== undefined || lifetime !== undefined) && !this.#client.can("attach")) throw cannotShare();
    if (request.execPolicy && !this.#client.can("execPolicy")) {
      throw refusedError("execPolicy: this server lets nobody decide about what processes run");
    }
    if (request.limits && !this.#client.can("processLimits")) {
      throw refusedError("limits: this server keeps none");
    }
    const { descriptors = [] } = request;
    if (descriptors.length > 0 && !this.#client.can("processDescriptors")) {
      throw refusedError("descriptors: this server gives a process none beyond 2");
    }
    const answers = wantsAnswers(request);
    if (answers && !this.#client.can("processScreenAnswers")) {
      throw refusedError(
        "screen.answers: this server keeps no screens, so nothing would answer the program",
      );
    }
    const { cwd: home, platformOs } = this.#client.environmentInfo;
    const directory = (path: string) => directoryUri(path, (platformOs ?? "linux") as PlatformOs);
    const cwd = directory(request.cwd ?? home ?? "/");
    const envPolicy = envPolicyOf(request);
    const processId = request.processId ?? crypto.randomUUID();
    const network = this.#networkOf(request, processId);
    const { execPolicy } = request;
    const endExecs = execPolicy && lookAfterExecs(this.#client.client, processId, execPolicy, directory);
    const starting = this.#client.start({
      processId,
      argv: [...request.argv],
      cwd,
      env: envOf(request),
      tty: request.tty ?? false,
      pipeStdin: request.pipeStdin ?? false,
      ...(envPolicy ? { envPolicy } : {}),
      ...(request.arg0 === undefined ? {} : { arg0: request.arg0 }),
      ...(answers ? { screen: { answers } } : {}),
      ...(request.size === undefined ? {} : { size: request.size }),
      ...(this.#client.can("processList") ? { tellPid: true } : {}),
      ...(name === undefined ? {} : { name }),
      ...(lifetime === undefined ? {} : { lifetime }),
      ...(descriptors.length === 0 ? {} : { descriptors: descriptors.map(({ fd, kind }) => ({ fd, kind })) }),
      ...(request.limits ? { limits: { ...request.limits } } : {}),
      ...(request.sandbox ? { sandbox: wireSandbox(request.sandbox, cwd, directory) } : {}),
      ...(execPolicy ? { execPolicy: wireExecPolicy(execPolicy) } : {}),
      ...network?.params,
    });
    const started = await starting.catch((error) => {
      network?.end();
      endExecs?.();
      throw error;
    });
    if (network || endExecs) {
      started.log.listeners.add(() => {
        if (!started.ended) return;
        network?.end();
        endExecs?.();
      });
    }
    return new RemoteExecProcess(this.#client, started, {
      lossless,
      runsOn: lifetime === "server",
      pid: started.pid,
      descriptors,
    });
  }

  /** @throws {ServerError} on a server that has no proxies */
  #networkOf({ sandbox }: StartRequest, processId: string) {
    const request = sandbox?.network;
    if (typeof request !== "object") return undefined;
    if (!this.#client.can("networkProxyLaunch")) {
      throw refusedError(
        'sandbox.network: this server has no proxies for processes: ask for "none" or "full"',
      );
    }
    const end = lookAfter(this.#client.client, processId, request);
    return { params: { networkProxy: wireNetwork(request), enforceManagedNetwork: true }, end };
  }

  /** Servers that know no descriptors tell of none. */
  get #sees(): { descriptors?: true } {
    return this.#client.can("processDescriptors") ? { descriptors: true } : {};
  }

  async list(): Promise<readonly ListedProcess[]> {
    if (!this.#client.can("attach")) throw cannotShare();
    return (await this.#client.call("process/listAll", {})).processes ?? [];
  }

  async attach(word: string, options: AttachOptions = {}): Promise<SharedProcess> {
    refuseUnknownOptions("attach", options, attachMembers);
    const { handle, pid } = findProcess(await this.list(), word);
    const params = { processId: crypto.randomUUID(), handle, ...this.#sees, ...options };
    const { process, answer } = await this.#client.attach(params);
    return new RemoteExecProcess(this.#client, process, {
      lossless: options.lossless ?? false,
      attached: answer,
      pid,
    });
  }

  async adopt(word: string): Promise<SharedProcess> {
    const { handle, lifetime, pid } = findProcess(await this.list(), word);
    const { process, answer } = await this.#client.adopt({
      processId: crypto.randomUUID(),
      handle,
      ...this.#sees,
    });
    const runsOn = lifetime === "server";
    return new RemoteExecProcess(this.#client, process, { lossless: true, runsOn, attached: answer, pid });
  }
}

const attachMembers: OptionNames<AttachOptions> = { role: true, from: true, lossless: true };
