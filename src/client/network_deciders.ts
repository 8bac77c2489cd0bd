import * as v from "valibot";
import { clientMethods, type ClientResult } from "../protocol/methods.ts";

/** What a process wants of the network that its policy leaves open. */
export interface NetworkQuestion {
  /** By HTTP, by a tunnel for HTTPS, or by SOCKS. */
  readonly protocol: "http" | "https_connect" | "socks5_tcp";
  /** The name or the address of a host, in lower case. */
  readonly host: string;
  readonly port: number;
}

/** What becomes of it; the process is told the reason. */
export type NetworkAnswer = { readonly allow: true } | { readonly allow: false; readonly reason?: string };

/** Decides about what a process wants of the network. Whatever it throws, and no answer in time, denies. */
export type NetworkDecider = (question: NetworkQuestion) => NetworkAnswer | Promise<NetworkAnswer>;

const { params: schema } = clientMethods["network/policyRequest"];

/** Who decides about the network of which process. */
export class NetworkDeciders {
  readonly #deciders = new Map<string, NetworkDecider>();

  /** @returns what ends that */
  add(processId: string, decider: NetworkDecider): () => void {
    this.#deciders.set(processId, decider);
    return () => {
      if (this.#deciders.get(processId) === decider) this.#deciders.delete(processId);
    };
  }

  /** The answer to what the server asks. */
  async answer(params: unknown): Promise<ClientResult<"network/policyRequest">> {
    const decoded = v.safeParse(schema, params);
    const decider = decoded.success ? this.#deciders.get(decoded.output.processId) : undefined;
    if (!decoded.success || !decider) return denied("not_allowed");
    try {
      const answer = await decider(decoded.output.request);
      return answer.allow === true ? { decision: { type: "allow" } } : denied(answer.reason ?? "");
    } catch {
      return denied("");
    }
  }
}

function denied(reason: string): ClientResult<"network/policyRequest"> {
  return { decision: { type: "deny", reason } };
}
