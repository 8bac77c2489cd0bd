/** The files and folders that a page names: they move while nobody looks at the page. */

/** In code: what lies in one of these folders, and files by their kind. */
const paths = /`((?:src|tests|scripts|docs)(?:\/[\w.-]+)+|[\w/.-]+\.(?:ts|md|json))`/g;

/** Paths that a text names and that are not there. Capitals, as in `src/cli/COMMAND.ts`, stand for any name. */
export function missingFiles(text: string, isThere: (path: string) => boolean): string[] {
  const named = [...text.matchAll(paths)].map(([, path]) => path!);
  return [...new Set(named)].filter((path) =>
    !/(^|\/)[A-Z]+(_test)?(\.ts)?(\/|$)/.test(path) && !isThere(path)
  );
}
