/** Small pieces of Markdown. */

/** A table; what would end a cell is escaped. `deno fmt` aligns it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The anchor of a heading, as GitHub makes it. */
export function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
}

/** `key: value` with the key as code too. */
export function codes(text: string): string {
  return text.replace(/^(\w+):/, "`$1`");
}
