import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";

/** Whoever reads it meanwhile reads the old file or the new one, and a full disk leaves the old one. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const made = `${path}.${randomUUID()}`;
  try {
    await writeFile(made, text, { flag: "wx", mode });
    await rename(made, path);
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  }
}
