/**
 * What a pattern of names matches, as shells have it: `*` and `?` stay within a name, `**` goes over many, `[a-z]` is one
 * character of some, `{a,b}` either. A leading dot needs no dot in the pattern.
 *
 * @throws {TypeError} for brackets or braces that do not end
 */
export function globPattern(pattern: string): RegExp {
  return new RegExp(`^${translate(pattern)}$`, "su");
}

function translate(pattern: string): string {
  let text = "";
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at]!;
    if (sign === "*") {
      if (pattern[at + 1] !== "*") text += "[^/]*";
      else if (pattern[at + 2] === "/") [text, at] = [`${text}(?:[^/]+/)*`, at + 2];
      else [text, at] = [`${text}.*`, at + 1];
    } else if (sign === "?") text += "[^/]";
    else if (sign === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) throw new TypeError(`The pattern "${pattern}" has a [ that does not end`);
      const inside = pattern.slice(at + 1, end).replace(
        /[\\[\]&~|^]/g,
        (sign, place) => place === 0 && sign === "^" ? sign : `\\${sign}`,
      );
      text += `[${inside.startsWith("!") ? `^${inside.slice(1)}` : inside}]`;
      at = end;
    } else if (sign === "{") {
      const end = pattern.indexOf("}", at);
      if (end < 0) throw new TypeError(`The pattern "${pattern}" has a { that does not end`);
      text += `(?:${pattern.slice(at + 1, end).split(",").map(translate).join("|")})`;
      at = end;
    } else if (sign === "\\" && at + 1 < pattern.length) text += literal(pattern[++at]!);
    else text += literal(sign);
  }
  return text;
}

function literal(sign: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(sign) ? `\\${sign}` : sign;
}

/** Whether a path is excluded: a pattern without a slash is matched with the last name, any other with the whole path. */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const matchers = patterns.map((pattern) => {
    const isName = !pattern.replace(/\/$/, "").includes("/");
    const matcher = globPattern(pattern.replace(/\/$/, "").replace(/^\//, ""));
    return (path: string) => matcher.test(isName ? path.slice(path.lastIndexOf("/") + 1) : path);
  });
  return (path) => matchers.some((matches) => matches(path));
}
