import { resolve } from "node:path";
import { TIMER_MS } from "../limits.ts";
import { EnvironmentsFileError, type NamedEnvironment, type NamedEnvironments } from "./environments_file.ts";
import { isTable, parseToml, type TomlTable, type TomlValue } from "./toml.ts";
import { lineOfKey } from "./toml_lines.ts";

/**
 * The user's machines from the text of the file at `path`. Relative directories in it start at `home`.
 *
 * @throws {EnvironmentsFileError} for a text that cannot be followed, in whole or in part
 */
export function parseNamedEnvironments(text: string, path: string, home: string): NamedEnvironments {
  return new Reader(text, path, home).read();
}

const topKeys = ["default", "include_local", "environments"];
const urlKeys = ["url", "auth_bearer_token", "connect_timeout_sec"];
const programKeys = ["program", "args", "env", "cwd"];
const environmentKeys = ["id", "skills", ...urlKeys, ...programKeys, "initialize_timeout_sec"];

class Reader {
  readonly #text: string;
  readonly #path: string;
  readonly #home: string;

  constructor(text: string, path: string, home: string) {
    this.#text = text;
    this.#path = path;
    this.#home = home;
  }

  read(): NamedEnvironments {
    const table = this.#parse();
    this.#refuseUnknown(table, topKeys);
    const listed = table.environments ?? [];
    if (!Array.isArray(listed)) {
      throw this.#wrong("environments must be [[environments]] tables", "environments");
    }
    const environments = listed.map((entry, index) => this.#environment(entry, index));
    environments.forEach(({ id }, index) => {
      if (environments.findIndex((other) => other.id === id) === index) return;
      throw this.#wrong(`The environment id "${id}" is there twice`, "id", index);
    });
    const includeLocal = this.#typed(table, "include_local", "boolean") ?? true;
    const given = this.#typed(table, "default", "string");
    const defaultId = given ?? (includeLocal ? "local" : undefined);
    const known = [...environments.map(({ id }) => id), ...(includeLocal ? ["local"] : [])];
    if (given !== undefined && given !== "none" && !known.includes(given)) {
      throw this.#wrong(`The default environment "${given}" is not configured`, "default");
    }
    return {
      path: this.#path,
      defaultId: given === "none" ? undefined : defaultId,
      includeLocal,
      environments,
    };
  }

  #parse(): TomlTable {
    try {
      return parseToml(this.#text.replace(/^\ufeff/, ""));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new EnvironmentsFileError(`${this.#path}:${error.message}`, { cause: error });
    }
  }

  #environment(entry: TomlValue, index: number): NamedEnvironment {
    if (!isTable(entry)) throw this.#wrong("environments must be [[environments]] tables", "environments");
    this.#refuseUnknown(entry, environmentKeys, index);
    const id = this.#id(entry, index);
    const has = (key: string) => entry[key] !== undefined;
    if (has("url") === has("program")) {
      throw this.#wrong(`The environment "${id}" must have exactly one of url and program`, "id", index);
    }
    const [foreign, needed] = has("url") ? [programKeys, "program"] : [urlKeys, "url"];
    const stray = foreign.find(has);
    if (stray) throw this.#wrong(`The environment "${id}" has ${stray}, which needs ${needed}`, stray, index);
    if (has("skills") && !isTable(entry.skills)) throw this.#wrong("skills must be a table", "skills", index);
    return {
      id,
      server: has("url") ? this.#url(entry, index) : this.#command(entry, index),
      connectMs: this.#milliseconds(entry, "connect_timeout_sec", index),
      initializeMs: this.#milliseconds(entry, "initialize_timeout_sec", index),
    };
  }

  #id(entry: TomlTable, index: number): string {
    const id = this.#typed(entry, "id", "string", index);
    const why = id === undefined
      ? "An environment has no id"
      : id === ""
      ? "An environment's id is empty"
      : /^(local|none)$/i.test(id)
      ? `The environment id "${id}" is reserved`
      : /^[A-Za-z0-9_-]+$/.test(id)
      ? undefined
      : `The environment id "${id}" may only have ASCII letters, digits, "-" and "_"`;
    if (why) throw this.#wrong(why, "id", index);
    return id!;
  }

  #url(entry: TomlTable, index: number): NamedEnvironment["server"] {
    const text = this.#typed(entry, "url", "string", index)!;
    const url = /^\s*wss?:\/\//.test(text) ? URL.parse(text.trim()) : null;
    if (!url) throw this.#wrong(`The url "${text}" must be ws://HOST:PORT or wss://HOST:PORT`, "url", index);
    const token = this.#typed(entry, "auth_bearer_token", "string", index);
    if (token === undefined) return { url: text.trim(), token };
    if (/[^\x20-\x7e]/.test(token)) {
      throw this.#wrong("auth_bearer_token must be printable ASCII", "auth_bearer_token", index);
    }
    if (url.protocol === "ws:" && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname)) {
      throw this.#wrong(
        `auth_bearer_token would go over the network as it is: use wss:// or this machine, not "${text}"`,
        "auth_bearer_token",
        index,
      );
    }
    return { url: text.trim(), token };
  }

  #command(entry: TomlTable, index: number): NamedEnvironment["server"] {
    const program = this.#typed(entry, "program", "string", index)!;
    if (program.trim() === "") throw this.#wrong("program is empty", "program", index);
    const { args = [], env = {} } = entry;
    if (!Array.isArray(args) || !args.every((arg) => typeof arg === "string")) {
      throw this.#wrong("args must be an array of strings", "args", index);
    }
    if (!isTable(env) || !Object.values(env).every((value) => typeof value === "string")) {
      throw this.#wrong("env must be a table of strings", "env", index);
    }
    const cwd = this.#typed(entry, "cwd", "string", index);
    return {
      argv: [program, ...args as string[]],
      env: { ...env as Record<string, string> },
      cwd: cwd === undefined ? undefined : resolve(this.#home, cwd),
    };
  }

  #milliseconds(entry: TomlTable, key: string, index: number): number | undefined {
    const value = entry[key];
    if (value === undefined) return undefined;
    const seconds = typeof value === "bigint" ? Number(value) : value;
    if (typeof seconds !== "number" || !(seconds >= 0)) {
      throw this.#wrong(`${key} must be a number of seconds, not negative`, key, index);
    }
    return Math.min(Math.max(1, seconds * 1000), TIMER_MS);
  }

  #typed(table: TomlTable, key: string, type: "string", index?: number): string | undefined;
  #typed(table: TomlTable, key: string, type: "boolean", index?: number): boolean | undefined;
  #typed(table: TomlTable, key: string, type: "string" | "boolean", index?: number): unknown {
    const value = table[key];
    if (value === undefined || typeof value === type) return value;
    throw this.#wrong(`${key} must be ${type === "string" ? "a string" : "true or false"}`, key, index);
  }

  #refuseUnknown(table: TomlTable, known: readonly string[], index?: number): void {
    const stray = Object.keys(table).find((key) => !known.includes(key));
    if (stray === undefined) return;
    throw this.#wrong(`Unknown key "${stray}"; the keys are ${known.join(", ")}`, stray, index);
  }

  #wrong(message: string, key: string, index?: number): EnvironmentsFileError {
    const line = lineOfKey(
      this.#text,
      key,
      index === undefined ? undefined : { table: "environments", index },
    );
    return new EnvironmentsFileError(`${this.#path}${line === undefined ? "" : `:${line}`}: ${message}`);
  }
}
