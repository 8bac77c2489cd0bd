/**
 * Measures this server beside its rivals and beside the raw floors they all stand on: each with a client process of its
 * own, in turn.
 *
 *   deno task bench [--quick] [--only REGEX]... [--contender REGEX]... [--rounds N] [--markdown | --json] [--save FILE]
 *   deno task bench --from FILE [--markdown]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import type { Absent, Contender } from "./contender.ts";
import { contenders, ourNames } from "./contenders.ts";
import { describeMachine } from "./machine.ts";
import { measure } from "./measure.ts";
import { formatMarkdown, formatText, type Report } from "./report.ts";
import { work } from "./work.ts";
import { workloads } from "./workloads/all.ts";

const ROUNDS = 5;
const QUICK_ROUNDS = 1;

const args = commandLine();
const report: Report = args.from ? JSON.parse(await Deno.readTextFile(args.from)) : await bench();
if (args.save) await Deno.writeTextFile(args.save, JSON.stringify(report, null, 2) + "\n");
const text = args.json
  ? JSON.stringify(report, null, 2) + "\n"
  : (args.markdown ? formatMarkdown : formatText)(report);
process.stdout.write(text);
process.exit(report.failures.some(({ contender }) => contender in ourNames) ? 1 : 0);

function commandLine() {
  try {
    return parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "boolean" },
        markdown: { type: "boolean" },
        only: { type: "string", multiple: true, default: [] },
        contender: { type: "string", multiple: true, default: [] },
        rounds: { type: "string" },
        save: { type: "string" },
        from: { type: "string" },
      },
    }).values;
  } catch (error) {
    fail((error as Error).message);
  }
}

async function bench(): Promise<Report> {
  const quick = args.quick;
  const rounds = Number(args.rounds ?? (quick ? QUICK_ROUNDS : ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1) {
    fail(`--rounds takes a number from 1 on, not "${args.rounds}"`);
  }
  const only = patterns("only", args.only);
  const who = patterns("contender", args.contender);
  const chosen = workloads.filter(({ name, isLong }) => only ? only(name) : !(quick && isLong));
  if (chosen.length === 0) {
    fail(`--only chooses nothing of:\n  ${workloads.map(({ name }) => name).join("\n  ")}`);
  }
  const all = contenders().filter(({ name }) => who?.(name) ?? true);
  const absent = all.filter((one): one is Absent => "reason" in one);
  const present = all.filter((one): one is Contender => !("reason" in one));
  for (const { name, reason } of absent) note(`Skipped ${name}: ${reason}`);
  const measured = await measure({
    contenders: present,
    workloads: chosen,
    rounds,
    work: (workload, contender, target) => work(contender, { workload: workload.name, target, quick }),
    report: note,
  });
  return {
    machine: describeMachine(),
    command: ["deno task bench", ...process.argv.slice(2).filter(isOfMeasuring)].join(" "),
    contenders: present.map(({ name }) => name),
    absent,
    ...measured,
  };
}

/** Whether an argument has a say in what is measured, not in how it is shown. */
function isOfMeasuring(arg: string, i: number, all: string[]): boolean {
  return !/^--(json|markdown|save)/.test(arg) && all[i - 1] !== "--save";
}

/** Whether a name matches one of the patterns; undefined where there are none. */
function patterns(flag: string, given: string[]): ((name: string) => boolean) | undefined {
  if (given.length === 0) return undefined;
  try {
    const expressions = given.map((pattern) => new RegExp(pattern));
    return (name) => expressions.some((expression) => expression.test(name));
  } catch (error) {
    fail(`--${flag} takes regular expressions: ${(error as Error).message}`);
  }
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
