import { constants } from "node:os";
import { NotConfinedError } from "../../../../host/confinement.ts";
import type { CallFailure } from "../../runner/call_list.ts";
import { failureText } from "../failure_text.ts";

const { EINVAL, ENOSYS, EOPNOTSUPP } = constants.errno;
const otherwise = "or serve without --sandbox-mechanism, with bubblewrap";

/** Why the rules of Landlock did not come to stand, and what helps. */
export function explainLandlock(failure: CallFailure | undefined): NotConfinedError {
  if (!failure) {
    return new NotConfinedError(
      "it ended before the program ran",
      "let other processes end, or raise the limits",
    );
  }
  return new NotConfinedError(failureText(failure), remedyFor(failure));
}

function remedyFor({ call, errno }: CallFailure): string {
  if (call !== "landlock_create_ruleset") return "`exec-server doctor` tells what this machine lacks";
  switch (errno) {
    case EINVAL:
      return `its Landlock lets files be cut short: use Linux 6.2 or later, ${otherwise}`;
    case ENOSYS:
      return `use Linux 6.2 or later with Landlock, and a container that allows its calls, ${otherwise}`;
    case EOPNOTSUPP:
      return `it is off: name landlock in the kernel's option lsm=, ${otherwise}`;
    default:
      return otherwise.replace("or ", "");
  }
}
