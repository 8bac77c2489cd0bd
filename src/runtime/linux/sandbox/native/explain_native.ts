import { constants } from "node:os";
import { NotConfinedError } from "../../../../host/confinement.ts";
import type { CallFailure } from "../../runner/call_list.ts";
import { failureText } from "../failure_text.ts";
import { explainTransparent } from "../transparent/explain_transparent.ts";
import { namespacesRemedy } from "../namespaces_remedy.ts";

const { EACCES, EAGAIN, EINVAL, ELOOP, ENOENT, ENOMEM, ENOSPC, ENOSYS, ENOTDIR, EPERM } = constants.errno;

/** Why the sandbox did not come to stand, and what helps. */
export function explainNative(failure: CallFailure | undefined): NotConfinedError {
  if (!failure) {
    return new NotConfinedError(
      "it ended before the program ran",
      "let other processes end, or raise the limits",
    );
  }
  const ofTransparent = explainTransparent(failure);
  if (ofTransparent) return ofTransparent;
  const { call, errno } = failure;
  const isPath = call === "openat2" || call === "chdir" || call === "symlinkat";
  const isStale = isPath && [ENOENT, ENOTDIR, ELOOP].includes(errno);
  return new NotConfinedError(failureText(failure), remedyFor(call, errno, isStale), { isStale });
}

function remedyFor(call: CallFailure["call"], errno: number, isStale: boolean): string {
  if (isStale) return "what the policy names has just changed: ask again";
  if (errno === ENOSYS) {
    return "it takes Linux 5.12 or later, or a container that allows its calls: use bubblewrap, without " +
      "--sandbox-mechanism";
  }
  if (call === "unshare" && (errno === ENOSPC || errno === EINVAL)) return namespacesRemedy();
  if ([EPERM, EACCES].includes(errno)) return namespacesRemedy();
  if ([EAGAIN, ENOMEM, ENOSPC].includes(errno)) {
    return "let other processes end, or raise the machine's limits";
  }
  return "`exec-server doctor` tells what this machine lacks";
}
