/** Finds bubblewrap, and learns what it can do. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { execFile } from "node:child_process";
import { getuid } from "node:process";
import { promisify } from "node:util";
import { NotConfinedError } from "../../../host/confinement.ts";
import type { BubblewrapAbilities } from "./bubblewrap.ts";
import { namespacesRemedy } from "./namespaces_remedy.ts";

/** Never the PATH of whom it is to confine. */
const places = [
  "/usr/bin/bwrap",
  "/usr/local/bin/bwrap",
  "/bin/bwrap",
  "/run/current-system/sw/bin/bwrap",
];

/** A bubblewrap that can be relied on. */
export interface Bubblewrap extends Omit<BubblewrapAbilities, "mountsProc"> {
  readonly path: string;
}

/**
 * Looks for it, and asks what options it has.
 *
 * @param given the only place to look in
 * @throws {NotConfinedError} where there is none that nobody else could have changed
 */
export async function findBubblewrap(given?: string): Promise<Bubblewrap> {
  const path = (given === undefined ? places : [given]).find((place) => existsSync(place));
  if (path === undefined) {
    throw new NotConfinedError(
      `there is no bubblewrap at ${given ?? places[0]}`,
      given === undefined
        ? "install the package bubblewrap, say where it is with serve --bwrap, or do without it with serve " +
          "--sandbox-mechanism native"
        : "serve --bwrap is to name where it is",
    );
  }
  refuseForeign(path);
  const { stdout, stderr } = await promisify(execFile)(path, ["--help"]).catch((error) => {
    throw new NotConfinedError(
      `${path} does not run: ${error.message}`,
      "install the package bubblewrap anew",
    );
  });
  // One that is set-uid refuses to.
  const isSetUid = (statSync(path).mode & 0o4000) !== 0;
  const disablesUserNamespaces = !isSetUid && `${stdout}${stderr}`.includes("--disable-userns");
  return { path, disablesUserNamespaces, exists: existsSync };
}

/** Whoever could change it could have everything run that is to be confined. */
function refuseForeign(path: string): void {
  const { uid, mode } = statSync(path);
  if ((uid !== 0 && uid !== getuid?.()) || (mode & 0o022) !== 0) {
    throw new NotConfinedError(
      `${path} could be changed by others`,
      `let it belong to root, and nobody else write to it (chmod go-w ${path})`,
    );
  }
  accessSync(path, constants.X_OK);
}

/** Why bubblewrap did not start what it was to start, and what helps, from what it says. */
export function explainBubblewrap(said: string): NotConfinedError {
  const reason = said.replace(/^bwrap: /gm, "").trim().slice(0, 1_000) || "bubblewrap ended without a word";
  const remedy = remedies.find(([pattern]) => pattern.test(reason))?.[1];
  const words = typeof remedy === "function" ? remedy() : remedy;
  return new NotConfinedError(reason, words ?? "`exec-server doctor` tells what this machine lacks", {
    isStale: gone.test(reason),
  });
}

/** Directories that stand in the place of missing ones come and go, also those of other programs. */
const gone = /No such file or directory/;

const remedies: readonly (readonly [RegExp, string | (() => string)])[] = [
  [/namespace|uid map|gid map|Operation not permitted|Permission denied/i, () => namespacesRemedy()],
  [
    /No space left|Cannot allocate|Resource temporarily/i,
    "let other processes end, or raise the machine's limits",
  ],
  [gone, "what the policy names has just gone: ask again"],
];
