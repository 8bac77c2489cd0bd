import type {
  ExecDecider,
  ExecPolicyRequest,
  ExecQuestion,
  ExecReply,
} from "../machine/exec_policy_request.ts";
import { askPerson, inTurn, needTerminal } from "./terminal_questions.ts";
import { visibleText } from "./visible_text.ts";

/** Characters of a call that are shown: a line of a terminal or three. */
const shownCharacters = 240;

/** What was said to be so for ever of what begins in one way. */
interface Remembered {
  readonly path: string;
  readonly args: readonly string[];
  readonly reply: ExecReply;
}

/**
 * Asks a person at the terminal, one question after the other, and remembers what is to be always so.
 *
 * @throws {UsageError} where there is no terminal
 */
export async function execQuestions(): Promise<ExecPolicyRequest> {
  await needTerminal("--ask-exec", "run the command without it, in a --sandbox");
  const remembered: Remembered[] = [];
  let isCommand = true;
  const ask: ExecDecider = (question) => {
    // Whoever would be asked has just typed it.
    if (isCommand) {
      isCommand = false;
      return { allow: true };
    }
    const known = () => remembered.find((known) => fits(known, question))?.reply;
    return inTurn(() => known() ?? answer(question, remembered));
  };
  return { ask };
}

async function answer(question: ExecQuestion, remembered: Remembered[]): Promise<ExecReply> {
  const { path, argv, cwd } = question;
  const args = prefixOf(question);
  const [call, prefix] = [[path, ...argv.slice(1)], [path, ...args]].map((words) => shown(words.join(" ")));
  const said = await askPerson(
    `the command runs ${call} in ${shown(cwd)}`,
    `[a]lways or ne[v]er what begins with ${prefix}`,
  );
  const reply: ExecReply = said === "yes" || said === "always"
    ? { allow: true }
    : { allow: false, reason: "denied by the user" };
  if (said === "always" || said === "never") remembered.push({ path, args, reply });
  return reply;
}

/** What a program is told to do, where it says so by its first word, as `git push` does. */
function prefixOf({ argv: [, first] }: ExecQuestion): string[] {
  return first !== undefined && /^[a-z][a-z0-9-]*$/.test(first) ? [first] : [];
}

function fits({ path, args }: Remembered, question: ExecQuestion): boolean {
  return path === question.path && args.every((argument, index) => argument === question.argv[index + 1]);
}

/** What the command names is not to drive the terminal. */
function shown(text: string): string {
  const visible = visibleText(text);
  return visible.length > shownCharacters ? `${visible.slice(0, shownCharacters)}...` : visible;
}
