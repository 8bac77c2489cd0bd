import * as z from "zod";
import { TOOL_DIRECTORY_ENTRIES, TOOL_EDIT_BYTES, TOOL_IMAGE_BYTES } from "../../limits.ts";
import { transfer } from "../../machine/local/transfer.ts";
import { encodeBase64 } from "../../protocol/base64.ts";
import { imageType } from "./image_type.ts";
import { defineTool, members, type ToolContent } from "./tool.ts";
import { ToolError } from "./tool_error.ts";
import type { ToolMachine } from "./tool_machine.ts";
import { Transcript } from "./transcript.ts";

const path = z.string().min(1)
  .describe("A path on the machine; a relative one begins where commands start, and ~ is the user's home");

/** Shows a file or a directory. */
export const readFileTool = defineTool({
  name: "read_file",
  title: "Read a file or a directory",
  description:
    "Tells what a text file holds, shows an image (PNG, JPEG, GIF, WebP), or lists the names in a directory, where a " +
    "directory's name ends with /.",
  input: z.strictObject({
    path,
    machine: members.machine,
    offset: z.int().min(0).default(0).describe("The byte of the file to begin at"),
    max_bytes: members.maxBytes,
  }),
  isReadOnly: true,
  isDestructive: false,
  async run({ path: given, offset, max_bytes, ...options }, _call, { machines }) {
    const machine = await machines.get(options.machine);
    const path = machine.path(given);
    const { isDirectory, size } = await machine.files.stat(path);
    if (isDirectory) return await listDirectory(machine, path);
    await using file = await machine.files.open(path);
    const { bytes } = await file.read(offset, Math.min(max_bytes + CHARACTER_BYTES, 2 ** 20));
    const type = offset === 0 ? imageType(bytes) : undefined;
    if (type !== undefined) return await showImage(machine, path, size, type);
    if (bytes.includes(0)) {
      return `${path} is no text: ${size} bytes. Look at it by \`run\`, with xxd or file, or \`copy\` it`;
    }
    const transcript = new Transcript();
    transcript.push(bytes);
    const excerpt = transcript.read(0, max_bytes);
    const next = offset + excerpt.to;
    if (size <= next) return excerpt.text;
    const readOn = JSON.stringify({ path: given, offset: next });
    return `${excerpt.text}\n[truncated: ${size - next} bytes more; read on with read_file ${readOn}]`;
  },
});

/** Writes a file, or changes a piece of it. */
export const writeFileTool = defineTool({
  name: "write_file",
  title: "Write or edit a text file",
  description:
    "Writes a text file, and makes the directories above it. With `old_text` only that is replaced by `text`, which must " +
    "stand in the file exactly once.",
  input: z.strictObject({
    path,
    machine: members.machine,
    text: z.string().describe("What the file is to hold; with old_text, what takes its place"),
    old_text: z.string().min(1).optional().describe("The text to replace"),
    mode: z.string().regex(/^[0-7]{3,4}$/).optional().describe("Its permissions, such as 755"),
  }),
  isReadOnly: false,
  isDestructive: true,
  async run({ path: given, text, old_text, mode, ...options }, _call, { machines }) {
    const machine = await machines.get(options.machine);
    const path = machine.path(given);
    const whole = old_text === undefined ? text : replaced(await readWhole(machine, path), old_text, text);
    await machine.files.writeText(path, whole, mode === undefined ? {} : { mode: parseInt(mode, 8) });
    return `${path} on ${machine.name} holds ${new TextEncoder().encode(whole).length} bytes now`;
  },
});

/** Copies between machines. */
export const copyTool = defineTool({
  name: "copy",
  title: "Copy files between machines",
  description:
    "Copies a file, or a directory with all that is in it, from one machine to another or on one, with modes, times and " +
    "links. `to_path` is its new name. What is there already in a directory stays.",
  input: z.strictObject({
    from_path: path,
    from_machine: members.machine,
    to_path: path,
    to_machine: members.machine,
    exclude: z.array(z.string()).optional().describe(
      "Patterns of names to leave out, such as node_modules, *.log",
    ),
  }),
  isReadOnly: false,
  isDestructive: true,
  async run({ exclude, ...ends }, { signal, progress }, { machines }) {
    const from = await machines.get(ends.from_machine);
    const to = await machines.get(ends.to_machine);
    const [source, target] = [from.path(ends.from_path), to.path(ends.to_path)];
    let done = { files: 0, bytes: 0 };
    using _progress = progress(() => `${done.files} files, ${done.bytes} bytes`);
    await transfer({ files: from.files, path: source }, { files: to.files, path: target }, {
      exclude,
      signal,
      onProgress: (now) => done = now,
    });
    return `Copied ${done.files} files, ${done.bytes} bytes, from ${source} on ${from.name} to ${target} on ${to.name}`;
  },
});

/** The most that one character has, so that none is cut where more could be read. */
const CHARACTER_BYTES = 4;

async function listDirectory({ files }: ToolMachine, path: string): Promise<string> {
  const entries = await files.readDirectory(path);
  const names = entries.map(({ name, isDirectory }) => isDirectory ? `${name}/` : name).sort();
  const surplus = names.length - TOOL_DIRECTORY_ENTRIES;
  const more = surplus > 0 ? `\n[truncated: ${surplus} names more; list them with run]` : "";
  return names.length === 0 ? `${path} is empty` : names.slice(0, TOOL_DIRECTORY_ENTRIES).join("\n") + more;
}

async function showImage(
  { files }: ToolMachine,
  path: string,
  size: number,
  mimeType: string,
): Promise<readonly ToolContent[]> {
  if (size > TOOL_IMAGE_BYTES) {
    throw new ToolError(
      `${path} is an image of ${size} bytes, more than ${TOOL_IMAGE_BYTES}: make it smaller first`,
    );
  }
  return [{ type: "image", mimeType, data: encodeBase64(await files.readFile(path)) }];
}

async function readWhole({ files }: ToolMachine, path: string): Promise<string> {
  const { size } = await files.stat(path);
  if (size > TOOL_EDIT_BYTES) throw new ToolError(`${path} is too large to be edited so: ${size} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await files.readFile(path));
  } catch (error) {
    if (error instanceof TypeError) throw new ToolError(`${path} is no text in UTF-8`, { cause: error });
    throw error;
  }
}

function replaced(whole: string, old: string, text: string): string {
  const at = whole.indexOf(old);
  if (at < 0) throw new ToolError("old_text does not stand in the file: read it, and give the exact text");
  if (whole.indexOf(old, at + 1) >= 0) {
    throw new ToolError("old_text stands in the file more than once: give more of what is around it");
  }
  return whole.slice(0, at) + text + whole.slice(at + old.length);
}
