import type { Activity } from "../activity.ts";
import { abandoned } from "./abandoned.ts";
import { chatter } from "./chatter.ts";
import { conversation } from "./conversation.ts";
import { files } from "./files.ts";
import { flood } from "./flood.ts";
import { killedTree } from "./killed_tree.ts";
import { polling } from "./polling.ts";
import { shortCommands } from "./short_commands.ts";
import { signal } from "./signal.ts";
import { terminal } from "./terminal.ts";
import { twoPipes } from "./two_pipes.ts";
import { upload } from "./upload.ts";
import { watch } from "./watch.ts";

export const activities: readonly Activity[] = [
  shortCommands,
  flood,
  twoPipes,
  upload,
  conversation,
  terminal,
  polling,
  killedTree,
  signal,
  chatter,
  files,
  watch,
  abandoned,
];
