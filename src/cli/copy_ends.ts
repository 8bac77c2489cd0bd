import { isAbsolute, join } from "node:path";
import type { ExecServerClient } from "../client/client.ts";
import { MachineDisk } from "../file_system/disk.ts";
import { workingDirectory } from "../host/working_directory.ts";
import { hostOs } from "../host/facts.ts";
import { LocalFileSystem } from "../machine/local/local_file_system.ts";
import type { FileSystem } from "../machine/file_system.ts";
import { RemoteFileSystem } from "../machine/remote/remote_file_system.ts";
import { parseFileUri, type PlatformOs } from "../protocol/file_uri.ts";
import type { CopyPlace, ServerWord } from "./copy_place.ts";
import type { ProgramHost } from "./program_host.ts";
import { serverAtUrl, type ServerChoice } from "./server_flags.ts";
import type { SshCopyOptions } from "./ssh_copy.ts";
import { namedServer, openTarget, serverDirectory, type Target } from "./target.ts";
import { UsageError } from "./usage_error.ts";

/** A place that is reached. */
export interface CopyEnd {
  readonly files: FileSystem;
  /** The absolute path there. */
  readonly path: string;
  /** As it was named, and the path in that. */
  readonly word: string;
  readonly given: string;
}

/** A server that is connected to. */
interface OpenServer extends AsyncDisposable {
  readonly client: ExecServerClient;
  readonly files: RemoteFileSystem;
}

/** The machines of a copy; what is opened for them ends with this. */
export class CopyEnds implements AsyncDisposable {
  readonly #choice: ServerChoice & SshCopyOptions;
  readonly #host: ProgramHost;
  readonly #here: LocalFileSystem;
  readonly #servers = new Map<string, Promise<OpenServer | "local">>();

  constructor(choice: ServerChoice & SshCopyOptions, host: ProgramHost) {
    this.#choice = choice;
    this.#host = host;
    this.#here = new LocalFileSystem(new MachineDisk(host));
  }

  /**
   * Reaches a place.
   *
   * @throws {UsageError} for a server that is not meant or not known
   * @throws {ConnectionError} for one that is not there
   */
  async open(place: Exclude<CopyPlace, { kind: "stream" }>): Promise<CopyEnd> {
    const { path, word } = place;
    const server = place.kind === "here" ? "local" : await this.#server(place.server);
    if (server === "local") {
      return {
        files: this.#here,
        path: isAbsolute(path) ? path : join(workingDirectory(), path),
        word,
        given: path,
      };
    }
    const os = (server.client.environmentInfo.platformOs ?? hostOs) as PlatformOs;
    const uri = serverDirectory(path === "" ? "." : path, server.client);
    return { files: server.files, path: parseFileUri(uri, os), word, given: path };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#here[Symbol.asyncDispose]();
    for (const opening of this.#servers.values()) {
      const server = await opening.catch(() => "local" as const);
      if (server === "local") continue;
      await server[Symbol.asyncDispose]();
    }
  }

  /** One connection for each, however often it is named. */
  #server(word: ServerWord): Promise<OpenServer | "local"> {
    const key = JSON.stringify(word);
    const known = this.#servers.get(key);
    if (known) return known;
    const opening = this.#connect(word);
    opening.catch(() => {});
    this.#servers.set(key, opening);
    return opening;
  }

  async #connect(word: ServerWord): Promise<OpenServer | "local"> {
    const target = await this.#target(word);
    if (target === "local") return target;
    const open = await openTarget(target, this.#host, this.#choice);
    const files = new RemoteFileSystem(open.client);
    return {
      client: open.client,
      files,
      async [Symbol.asyncDispose]() {
        await files[Symbol.asyncDispose]();
        await open[Symbol.asyncDispose]();
      },
    };
  }

  async #target(word: ServerWord): Promise<Target> {
    const choice = this.#choice;
    const other = { ...choice, url: undefined, environment: undefined, on: undefined };
    if (word.kind === "url") return serverAtUrl({ ...other, fleet: undefined, url: word.url })!;
    if (word.kind === "name") {
      return choice.fleet === undefined
        ? await namedServer({ ...choice, environment: word.name }, this.#host)
        : serverAtUrl({ ...other, on: word.name })!;
    }
    const target = serverAtUrl(choice) ?? await namedServer(choice, this.#host);
    if (target !== "local" || choice.environment !== undefined) return target;
    throw new UsageError(
      "No server is named for :PATH: give --url, --environment, --on or EXEC_SERVER_URL, or write NAME:PATH",
    );
  }
}
