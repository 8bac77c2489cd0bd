/**
 * Uses a server hard for a while, over connections that are cut, stall, lag and die without a word, while it is short of
 * descriptors now and then and is sent nonsense. Checks every byte, and every process by its pid.
 *
 *   deno task soak [--minutes N] [--on deno|bun|binary] [--seed N] [--messages N]
 *
 * The same seed makes the same choices in the same order; when something happens is up to the machine. Ends with status 1
 * and says what came out wrong, with the seed.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { commands } from "../commands.ts";
import { formatResult } from "./report.ts";
import { soak } from "./soak.ts";

const args = commandLine();
const seed = args.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : number("seed", args.seed);
const command = commands[args.on] ??
  fail(`--on takes ${Object.keys(commands).join(", ")}, not "${args.on}"`);
try {
  const result = await soak({
    command,
    minutes: number("minutes", args.minutes),
    seed,
    messages: number("messages", args.messages),
  });
  process.stdout.write(formatResult(result));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  if (error instanceof Error && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`);
  process.stderr.write(`The soak on ${args.on} failed; --seed ${seed} makes the same choices\n`);
  process.exit(1);
}

function commandLine() {
  try {
    return parseArgs({
      options: {
        minutes: { type: "string", default: "1" },
        on: { type: "string", default: "deno" },
        seed: { type: "string" },
        messages: { type: "string", default: "0" },
      },
    }).values;
  } catch (error) {
    fail((error as Error).message);
  }
}

function number(name: string, text: string): number {
  const value = Number(text);
  return text.trim() !== "" && value >= 0 ? value : fail(`--${name} takes a number from 0 on, not "${text}"`);
}

function fail(message: string): never {
  process.stderr.write(`soak: ${message}\n`);
  process.exit(2);
}
