import { getegid, geteuid } from "node:process";
import type { CallList } from "../../runner/call_list.ts";
import type { ListeningPlaces } from "../listening_steps.ts";
import { firstHighNumber } from "../memory_file.ts";
import { bringLoopbackUp, enterNetwork } from "../native/namespaces.ts";
import { OpenDescriptors } from "../native/open_descriptors.ts";
import { addTransparentNetwork } from "./transparent_steps.ts";

/**
 * Has the runner make a network that catches everything, before it runs another program that makes the rest of the sandbox
 * in it: who does not own a network may not set it up.
 *
 * @param firstOther the lowest descriptor that is nobody's
 * @param next the path of the program, and its arguments; it is to run the runner again
 */
export function enterCaughtNetwork(
  list: CallList,
  listens: ListeningPlaces,
  firstOther: number,
  [path, ...argv]: readonly [string, ...string[]],
): void {
  list.to("make room").attempt("close_range", firstOther, firstHighNumber - 1, 0);
  const descriptors = new OpenDescriptors(list, firstOther, firstHighNumber);
  enterNetwork(descriptors, geteuid!(), getegid!());
  bringLoopbackUp(descriptors);
  addTransparentNetwork(list, listens, firstOther);
  list.to("run bubblewrap").restart().call("execve", list.text(path), list.texts(argv), list.texts([]));
  list.restartHere();
}
