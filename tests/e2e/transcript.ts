/**
 * What a conversation with the Codex CLI says about the commands that were run, and the same conversation as text
 * that can be compared between two runs.
 */
import { type InputItem, itemText } from "./mock_model.ts";

/** What the model was told about one command, in however many answers. */
export interface CommandReport {
  /** All output, in the order received. */
  output: string;
  /** The exit code; undefined while the command was last said to be running. */
  exitCode: number | undefined;
  /** The tokens of each answer: its bytes divided by four, rounded up, also of what is left out of `output`. */
  tokens: number[];
}

/** The answer of `exec_command` and `write_stdin` when they worked. */
const commandAnswer = new RegExp(
  [
    "^Chunk ID: \\S+",
    "Wall time: \\S+ seconds",
    "Process (?:exited with code (?<code>-?\\d+)|running with session ID (?<session>\\d+))",
    "Original token count: (?<tokens>\\d+)",
    "Output:",
    "(?<output>[^]*)$",
  ].join("\n"),
);

/**
 * The id under which a command was left running.
 *
 * @throws {Error} when the tool's answer names none
 */
export function sessionId(answer: string): number {
  const session = commandAnswer.exec(answer)?.groups?.session;
  if (session === undefined) throw new Error(`No command was left running: "${answer}"`);
  return Number(session);
}

/**
 * The commands of a conversation by the id of every call that had to do with them: how a command's output is split
 * between the call that started it and later ones is a matter of timing, so they share one report.
 */
export function commandReports(input: readonly InputItem[]): Map<string, CommandReport> {
  const reports = new Map<string, CommandReport>();
  const bySession = new Map<string, CommandReport>();
  const sessionOfCall = new Map<unknown, string>();
  for (const item of input) {
    if (item.type === "function_call" && item.name === "write_stdin") {
      sessionOfCall.set(item.call_id, String(JSON.parse(item.arguments as string).session_id));
    }
    if (item.type !== "function_call_output") continue;
    const answer = commandAnswer.exec(itemText(item.output))?.groups;
    if (!answer) continue;
    const session = answer.session ?? sessionOfCall.get(item.call_id);
    const report = (session === undefined ? undefined : bySession.get(session)) ??
      { output: "", exitCode: undefined, tokens: [] };
    report.output += answer.output;
    report.exitCode = answer.code === undefined ? undefined : Number(answer.code);
    report.tokens.push(Number(answer.tokens));
    reports.set(item.call_id as string, report);
    if (session !== undefined) bySession.set(session, report);
  }
  return reports;
}

/** What is blanked out of a transcript. */
export interface TranscriptOptions {
  /** Texts that belong to this one run, such as its folders, by the name that shall stand for each. */
  names: Record<string, string>;
}

/**
 * A conversation as one text per item, without what differs from run to run: ids, times, dates and what is
 * named in the options. A command stands whole where its first answer came.
 */
export function transcript(input: readonly InputItem[], options: TranscriptOptions): string[] {
  const reports = commandReports(input);
  const told = new Set<CommandReport>();
  const texts = input.map((item) => {
    if (item.type === "message") return `${item.role}: ${itemText(item.content)}`;
    if (item.type === "function_call") return `call ${item.call_id}: ${item.name} ${item.arguments}`;
    if (item.type !== "function_call_output") return JSON.stringify(item);
    const report = reports.get(item.call_id as string);
    if (!report) return `answer ${item.call_id}:\n${itemText(item.output)}`;
    if (told.has(report)) return `answer ${item.call_id}: more of the same command`;
    told.add(report);
    const tokens = report.tokens.length === 1 ? `${report.tokens[0]} tokens` : "several answers";
    return `answer ${item.call_id}: exit code ${report.exitCode}, ${tokens}\n${report.output}`;
  });
  return texts.map((text) => blank(text, options.names));
}

function blank(text: string, names: Record<string, string>): string {
  for (const [name, own] of Object.entries(names)) text = text.replaceAll(own, `<${name}>`);
  return text
    .replace(/"session_id":\d+/g, '"session_id":<session>')
    .replace(/^Wall time: [\d.]+ seconds$/gm, "Wall time: <time> seconds")
    .replace(/<current_date>[^<]*</g, "<current_date><");
}
