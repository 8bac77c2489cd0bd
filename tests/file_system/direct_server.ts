import type { Disk } from "../../src/file_system/disk.ts";
import { decodeParams } from "../../src/protocol/decode.ts";
import { methods, type NotificationSent, type ParamsSent } from "../../src/protocol/methods.ts";
import { rpcFailure } from "../../src/protocol/rpc_failure.ts";
import { AnswerMemory } from "../../src/server/answer_memory.ts";
import { ConnectionResources, type Notify } from "../../src/server/connection_resources.ts";
import { fileSystemHandlers } from "../../src/server/handlers/file_system.ts";
import { EncodedResult } from "../../src/server/handlers/handler.ts";
import type { Answer, FileServer } from "./file_server.ts";

type Handlers = ReturnType<typeof fileSystemHandlers>;
type Name = keyof Handlers;

/** The methods `fs/*` as a connection answers them, without a server around it. */
export class DirectFileServer implements FileServer {
  readonly #handlers: Handlers;
  readonly #resources: ConnectionResources;

  /** @param onChanged is told of the notifications `fs/changed` */
  constructor(disk: Disk, onChanged: (params: NotificationSent<"fs/changed">) => void = () => {}) {
    const notify = ((method, params) => {
      if (method === "fs/changed") onChanged(params as NotificationSent<"fs/changed">);
    }) as Notify;
    this.#resources = new ConnectionResources(notify, disk, {});
    this.#handlers = fileSystemHandlers({
      requiresSandbox: false,
      disk,
      resources: this.#resources,
      os: "linux",
      environment: {},
      largestAnswerBytes: Infinity,
      answerMemory: new AnswerMemory(() => 0),
      signal: new AbortController().signal,
    });
  }

  /** The result as it stands on the wire. @throws {RpcError} what is answered instead */
  async ask<Method extends Name>(method: Method, params: ParamsSent<Method>): Promise<unknown> {
    const handler = this.#handlers[method] as (params: unknown) => unknown;
    try {
      const result = await handler(decodeParams(methods[method].params, params));
      return result instanceof EncodedResult ? JSON.parse(result.encode()) : result;
    } catch (error) {
      throw rpcFailure(error);
    }
  }

  async call(method: string, params: unknown): Promise<Answer> {
    try {
      return { result: await this.ask(method as Name, params as ParamsSent<Name>) };
    } catch (error) {
      const { code, message } = rpcFailure(error);
      return { error: { code, message } };
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#resources.dispose();
    return Promise.resolve();
  }
}
