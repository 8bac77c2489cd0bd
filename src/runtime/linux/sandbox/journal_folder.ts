import { geteuid } from "node:process";

/**
 * Where the servers of one user write down what they have put into directories for what they confine. Not below `/tmp`,
 * where that may mostly write; it is hidden from it all the same.
 */
export const journalFolder = `/var/tmp/exec-server-sandbox-${geteuid?.() ?? 0}`;
