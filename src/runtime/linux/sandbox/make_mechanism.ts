import type { SandboxMechanism } from "../../../host/confinement.ts";
import type { Native } from "../../posix/native.ts";
import type { Mechanism } from "./mechanism.ts";

/**
 * Loads what makes sandboxes in one way.
 *
 * @param bubblewrap where that lies, instead of where it is looked for
 */
export async function makeMechanism(
  mechanism: SandboxMechanism,
  native: Native,
  bubblewrap: string | undefined,
): Promise<Mechanism> {
  if (mechanism === "native") {
    const { NativeMechanism } = await import("./native/native_mechanism.ts");
    return new NativeMechanism();
  }
  if (mechanism === "landlock") {
    const { LandlockMechanism } = await import("./landlock/landlock_mechanism.ts");
    return new LandlockMechanism();
  }
  const { BubblewrapMechanism } = await import("./bubblewrap_mechanism.ts");
  return new BubblewrapMechanism(native, bubblewrap);
}
