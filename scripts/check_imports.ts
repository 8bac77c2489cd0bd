/**
 * Holds the architecture: which room may import which, no circles, no runtime named outside `src/runtime`, and nothing
 * behind `client.ts` and the console's page that a browser lacks.
 *
 *   deno run -A scripts/check_imports.ts
 */
import { relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { rooms } from "./rooms.ts";

interface Module {
  specifier: string;
  dependencies?: { code?: { specifier?: string }; type?: { specifier?: string } }[];
}

const root = process.cwd();
const graph = await moduleGraph();
const problems = [
  ...wrongDirections(),
  ...circles(),
  ...namedRuntimes(),
  ...mappedNames(),
  ...beyondBrowsers(),
];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length > 0 ? 1 : 0);

/** Every file of the program with the files it imports, paths from the root, and the modules of Node, `node:NAME`. */
async function moduleGraph(): Promise<Map<string, string[]>> {
  const entries = [
    "main.ts",
    "src/runtime/deno/program.ts",
    "src/runtime/bun/program.ts",
    "src/runtime/node/program.ts",
    "mod.ts",
    "client.ts",
    "src/console/page/main.ts",
    "fleet.ts",
  ];
  const graph = new Map<string, string[]>();
  for (const entry of entries) {
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry] }).output();
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Module[] };
    for (const { specifier, dependencies = [] } of modules) {
      const file = localPath(specifier);
      if (!file) continue;
      const targets = dependencies.flatMap(({ code, type }) => [code?.specifier, type?.specifier])
        .map((target) => target?.startsWith("node:") ? target : target && localPath(target))
        .filter((target) => target !== undefined && target !== "");
      graph.set(file, [...new Set(targets as string[])]);
    }
  }
  return graph;
}

function localPath(specifier: string): string | undefined {
  if (!specifier.startsWith("file:")) return undefined;
  const path = relative(root, fileURLToPath(specifier));
  return path.startsWith("..") || path.startsWith("node_modules") ? undefined : path;
}

function room(file: string): string | undefined {
  return /^src\/(console\/page|[^/]+)\//.exec(file)?.[1];
}

function* wrongDirections(): Generator<string> {
  for (const [file, targets] of graph) {
    const from = room(file);
    if (from === undefined) continue;
    if (!(from in rooms)) yield `${file}: the room "${from}" is not in the list of rooms`;
    for (const target of targets) {
      const to = room(target);
      if (to === undefined || to === from || to === "std" || rooms[from]?.imports.includes(to)) continue;
      yield `${file}: "${from}" must not import "${to}" (${target})`;
    }
  }
}

function* circles(): Generator<string> {
  const done = new Set<string>();
  const path: string[] = [];
  function* visit(file: string): Generator<string> {
    const start = path.indexOf(file);
    if (start >= 0) yield `circle: ${[...path.slice(start), file].join(" -> ")}`;
    if (start >= 0 || done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) yield* visit(target);
    path.pop();
    done.add(file);
  }
  for (const file of graph.keys()) yield* visit(file);
}

function* beyondBrowsers(): Generator<string> {
  const reached = new Set(["client.ts", "src/console/page/main.ts"]);
  for (const file of reached) {
    for (const target of graph.get(file) ?? []) {
      if (target.startsWith("node:")) {
        yield `${file}: imports "${target}", which a browser lacks (reached from client.ts or the console's page)`;
      } else reached.add(target);
    }
  }
}

/** An installed command has no import map. */
function* mappedNames(): Generator<string> {
  for (const file of graph.keys()) {
    const named = /from "(@std\/[^"]+)"/.exec(Deno.readTextFileSync(file));
    if (named) yield `${file}: imports "${named[1]}", which must be named by its path in src/std`;
  }
}

function* namedRuntimes(): Generator<string> {
  for (const file of graph.keys()) {
    if (!file.startsWith("src/") || file.startsWith("src/runtime/")) continue;
    const code = Deno.readTextFileSync(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    const named = /\b(Deno|Bun)\s*\./.exec(code);
    if (named) yield `${file}: names ${named[1]}, which only src/runtime does`;
  }
}
