/** Has the runner give up every right to change files, by the kernel's Landlock. */
import type { CallList } from "../../runner/call_list.ts";

const AT_FDCWD = -100;
const [O_PATH, O_CLOEXEC] = [0o1000_0000, 0o200_0000];
const LANDLOCK_RULE_PATH_BENEATH = 1;
const PR_SET_NO_NEW_PRIVS = 38;

/** Rights to files, in the order of their bits. */
const rights = [
  "execute",
  "writeFile",
  "readFile",
  "readDirectory",
  "removeDirectory",
  "removeFile",
  "makeCharacterDevice",
  "makeDirectory",
  "makeFile",
  "makeSocket",
  "makeFifo",
  "makeBlockDevice",
  "makeLink",
  "refer",
  "truncate",
  "controlDevice",
] as const;

/** The bits of rights. */
function bits(...names: (typeof rights[number])[]): number {
  return names.reduce((all, name) => all | 1 << rights.indexOf(name), 0);
}

/** What the kernel is to rule, by the version of its Landlock that began to: as much as it can, and at least the last. */
const handled = {
  /** Also signals to others, and the sockets without a path, from 6.12 on. */
  six: [bits(...rights), 0, 0b11],
  /** What is done to devices, from 6.10 on. */
  five: [bits(...rights), 0],
  /** Without it, from 6.2 on, files could be cut short. */
  three: [bits(...rights.slice(0, -1))],
} as const;

const readOnly = bits("execute", "readFile", "readDirectory");
const device = bits("readFile", "writeFile");

/**
 * Everything may be read and run from now on, and nothing changed but what is in some devices.
 *
 * @param devices paths of those
 * @param firstOther the lowest descriptor that is free, as all above it are
 */
export function addRuleset(list: CallList, devices: readonly string[], firstOther: number): void {
  list.to("make rules of Landlock");
  const create = (attributes: readonly number[]) =>
    [list.words(...attributes), 8 * attributes.length, 0] as const;
  // The first that the kernel knows gets the lowest free number.
  list.attempt("landlock_create_ruleset", ...create(handled.six))
    .attempt("landlock_create_ruleset", ...create(handled.five))
    .call("landlock_create_ruleset", ...create(handled.three));
  const ruleset = firstOther + Object.keys(handled).length;
  list.call("dup3", firstOther, ruleset, O_CLOEXEC).call("close_range", firstOther, ruleset - 1, 0);
  // Each path by the lowest free number.
  const allow = (how: "call" | "attempt", path: string, right: number) => {
    list[how]("openat", AT_FDCWD, list.text(path), O_PATH | O_CLOEXEC, 0);
    list[how]("landlock_add_rule", ruleset, LANDLOCK_RULE_PATH_BENEATH, list.words(right, firstOther), 0);
    list.attempt("close", firstOther);
  };
  allow("call", "/", readOnly);
  for (const path of devices) {
    allow("attempt", path, device);
    // Only where the kernel rules this.
    allow("attempt", path, bits("controlDevice"));
  }
  list.to("give up what the rules do not allow")
    .call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    .call("landlock_restrict_self", ruleset, 0)
    .call("close_range", firstOther, ruleset, 0);
}
