import { input } from "./input.ts";
import { life } from "./life.ts";
import { many } from "./many.ts";
import { output } from "./output.ts";
import { start } from "./start.ts";
import type { Scenarios } from "./terminal.ts";

/** Everything that terminals are tested for, the same on every runtime. */
export const scenarios: Scenarios = { ...start, ...output, ...input, ...life, ...many };
