import type { CapabilityEntry, CapabilityFiles } from "../../codex/capability_files.ts";
import { decodeText, TextFileError, unreadable } from "../../codex/text_file.ts";
import type { Disk } from "../../file_system/disk.ts";
import { kindOf } from "../../file_system/entry.ts";
import { join } from "../../file_system/paths.ts";
import { readFile } from "../../file_system/read_file.ts";
import type { Sandbox } from "../../protocol/schemas/sandbox.ts";
import { confinedDisk, type FileConfinement } from "./file_confinement.ts";

/**
 * The files in which capabilities are looked for, as far as a policy leaves them.
 *
 * @throws as {@linkcode confinedDisk} does
 */
export async function confinedCapabilityFiles(
  sandbox: Sandbox,
  confinement: FileConfinement,
): Promise<CapabilityFiles> {
  return capabilityFilesOf(await confinedDisk(sandbox, confinement, { showsPlaceholders: false }));
}

function capabilityFilesOf(disk: Disk): CapabilityFiles {
  return {
    isDirectory: async (path) => (await disk.stat(path)).isDirectory(),
    realpath: (path) => disk.realpath(path),
    async list(path, most) {
      const found: CapabilityEntry[] = [];
      for await (const entries of disk.list(path)) {
        for (const { name, kind } of entries) {
          if (found.length === most) return { entries: found, truncated: true };
          const known = kind === "unknown" ? kindOf(await disk.lstat(join(path, name))) : kind;
          found.push({ name, kind: known === "unknown" ? "other" : known });
        }
      }
      return { entries: found, truncated: false };
    },
    async readText(path, maxBytes) {
      try {
        const stats = await disk.stat(path);
        if (!stats.isFile()) throw new TextFileError("not a file", "is not a file");
        if (stats.size > maxBytes) {
          throw new TextFileError("too large", `exceeds the ${maxBytes}-byte limit`);
        }
        return decodeText(await readFile(disk, path, { maxBytes }));
      } catch (error) {
        throw unreadable(error);
      }
    },
  };
}
