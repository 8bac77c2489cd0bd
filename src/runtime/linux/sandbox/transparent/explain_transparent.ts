import { constants } from "node:os";
import { NotConfinedError } from "../../../../host/confinement.ts";
import type { CallFailure } from "../../runner/call_list.ts";
import { systemError } from "../../../posix/system_error.ts";
import { namespacesRemedy } from "../namespaces_remedy.ts";
import { purposes } from "./purposes.ts";

/** Why connections cannot be caught, and what helps; undefined where something else has failed. */
export function explainTransparent(failure: CallFailure | undefined): NotConfinedError | undefined {
  if (!failure || !Object.values<string>(purposes).includes(failure.purpose)) return undefined;
  const { call, errno, purpose } = failure;
  const reason = `it could not ${purpose}: ${
    // What is waited for does not come.
    errno === constants.errno.EINPROGRESS ? "nothing is redirected" : systemError(call, errno).message}`;
  const remedy = purpose === purposes.enter
    ? namespacesRemedy()
    : "it takes a kernel with nftables (modprobe nft_redir nft_chain_nat); or ask without transparentTcp";
  return new NotConfinedError(reason, remedy);
}
