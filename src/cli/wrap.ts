/** Columns that every terminal has. */
export const lineWidth = 80;

/** Breaks paragraphs into lines of at most so many columns. What is one long word stays whole. */
export function wrap(text: string, width = lineWidth): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines = [""];
    for (const word of paragraph.split(" ")) {
      const line = lines.at(-1)!;
      if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
      else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
    }
    return lines;
  });
}

/** A command line, broken before flags and redirections, as a shell takes it. */
export function wrapCommandLine(line: string, indent: string): string {
  const parts = line.split(/ (?=-|> )/);
  const lines = [parts[0]!];
  for (const part of parts.slice(1)) {
    const longer = `${lines.at(-1)} ${part}`;
    if (indent.length + longer.length + " \\".length <= lineWidth) lines[lines.length - 1] = longer;
    else lines.push(`  ${part}`);
  }
  return lines.map((part) => indent + part).join(" \\\n");
}
