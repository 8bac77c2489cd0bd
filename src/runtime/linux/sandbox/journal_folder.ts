import { accessSync, constants } from "node:fs";
import { geteuid } from "node:process";

/** In this order: what is confined may mostly write below `/tmp`, though not into this folder. */
const places = ["/var/tmp", `/run/user/${geteuid?.() ?? 0}`, "/tmp"];

/** Where the servers of one user write down what they have put into directories for what they confine. */
export function journalFolder(): string {
  const place = places.find((place) => {
    try {
      accessSync(place, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  });
  return `${place ?? places[0]}/exec-server-sandbox-${geteuid?.() ?? 0}`;
}
