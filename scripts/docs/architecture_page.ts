/** The page of the architecture: a text about journeys, with the rooms as the import check holds them. */
import { rooms } from "../rooms.ts";
import { table } from "./markdown.ts";

const marker = "<!-- rooms -->";

/** The page. @param overview its text, with a marker where the rooms go */
export function architecturePage(overview: string): string {
  if (!overview.includes(marker)) throw new Error(`The overview has no ${marker}`);
  const rows = Object.entries(rooms).map(([name, { holds, imports }]) => [
    `\`src/${name}\``,
    holds,
    imports.length === 0 ? "nothing" : imports.map((room) => `\`${room}\``).join(", "),
  ]);
  return overview.replace(marker, () => table(["Room", "What is in it", "It may import"], rows));
}
