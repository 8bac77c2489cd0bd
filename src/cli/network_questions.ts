import type { NetworkAnswer, NetworkDecider, NetworkQuestion } from "../client/network_deciders.ts";
import { askPerson, inTurn, needTerminal } from "./terminal_questions.ts";
import { visibleText } from "./visible_text.ts";

const protocols: Record<NetworkQuestion["protocol"], string> = {
  http: "HTTP",
  https_connect: "a tunnel for HTTPS",
  socks5_tcp: "a connection",
};

/**
 * Asks a person at the terminal, one question after the other, and remembers what is to be always so.
 *
 * @throws {UsageError} where there is no terminal
 */
export async function askAtTerminal(): Promise<NetworkDecider> {
  await needTerminal("--ask-network", "name the hosts by --allow-domain");
  const remembered = new Map<string, NetworkAnswer>();
  return (question) => inTurn(() => remembered.get(keyOf(question)) ?? ask(question, remembered));
}

function keyOf({ host, port }: NetworkQuestion): string {
  return `${host} ${port}`;
}

async function ask(
  question: NetworkQuestion,
  remembered: Map<string, NetworkAnswer>,
): Promise<NetworkAnswer> {
  const { protocol, host, port } = question;
  // What the command names is not to drive the terminal.
  const what = visibleText(`${protocols[protocol]} to ${host}, port ${port}`);
  const said = await askPerson(`the command wants ${what}`);
  const answer: NetworkAnswer = said === "yes" || said === "always"
    ? { allow: true }
    : { allow: false, reason: "denied by the user" };
  if (said === "always" || said === "never") remembered.set(keyOf(question), answer);
  return answer;
}
