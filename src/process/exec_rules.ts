/** Rules about what is run. */
import type { ExecQuestion } from "../host/pending_exec.ts";

/** What becomes of programs whose arguments begin in one way. */
export interface ExecRule {
  /** The program by its name or its absolute path, and arguments behind it; none fits everything. */
  readonly argv: readonly string[];
  readonly decision: "allow" | "deny" | "ask" | "elsewhere";
}

/** The first rule that fits; undefined where none does. By what a program is, and not by what it is told that it is. */
export function ruleFor(
  rules: readonly ExecRule[],
  { path, argv }: Pick<ExecQuestion, "path" | "argv">,
): ExecRule | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return rules.find(({ argv: [program, ...args] }) => {
    if (program === undefined) return true;
    if (program !== (program.includes("/") ? path : name)) return false;
    return args.every((argument, index) => argument === argv[index + 1]);
  });
}
