/**
 * A scripted stand-in for the model behind the Codex CLI.
 *
 * It speaks as much of the Responses API as one turn of `codex exec` needs: `GET /v1/models`, and
 * `POST /v1/responses` answered by server-sent events. Each request takes the next entry of the script: the tool
 * calls that the "model" makes. The calls of one entry run side by side, and what they answered comes with the next
 * request. After the last entry every request gets a closing message, so a script needs none.
 *
 * ```ts ignore
 * await using model = startMockModel([
 *   [execCommand("list", "ls"), execCommand("wait", "cat", { tty: true, yield_time_ms: 250 })],
 *   (request) => [writeStdin("end", sessionId(request.output("wait")), "\x04")],
 * ]);
 * ```
 */

/** One item of a model's answer, as it goes over the wire. */
export type ModelItem = Record<string, unknown> & { type: "function_call" | "message" };

/** What the model answers to one request: fixed items, or items that depend on what the request brought. */
export type Turn = ModelItem[] | ((request: ModelRequest) => ModelItem[] | Promise<ModelItem[]>);

/** One request that the Codex CLI made. */
export interface ModelRequest {
  /** The whole conversation so far, oldest first, in the words of the Responses API. */
  readonly input: readonly InputItem[];
  /**
   * What a tool call answered, as the model reads it. Text parts are joined; a part without text (a picture) stands
   * as its JSON.
   *
   * @throws {Error} when the request holds no answer to that call
   */
  output(callId: string): string;
}

/** One item of a conversation. */
export type InputItem = Record<string, unknown>;

/** A running mock; `await using` stops it. */
export interface MockModel extends AsyncDisposable {
  /** The provider's `base_url`. */
  readonly url: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly ModelRequest[];
  /** Why an entry of the script could not be played; the turn was then ended with a message. */
  readonly failure: Error | undefined;
}

/** How a command is run, in the words of the `exec_command` tool. */
export interface ExecCommandOptions {
  /** Whether the command gets a terminal. */
  tty?: boolean;
  /** How long the tool waits for the command before it leaves it running, in milliseconds. */
  yield_time_ms?: number;
  /** How much of the output the model is shown, in tokens of four bytes. */
  max_output_tokens?: number;
  /** Where the command runs; the turn's working directory by default. */
  workdir?: string;
}

/** A shell command. */
export function execCommand(callId: string, cmd: string, options: ExecCommandOptions = {}): ModelItem {
  return functionCall(callId, "exec_command", { cmd, ...options });
}

/** Input for a command that was left running; empty `chars` only wait for output. */
export function writeStdin(
  callId: string,
  sessionId: number,
  chars: string,
  options: Pick<ExecCommandOptions, "yield_time_ms"> = {},
): ModelItem {
  return functionCall(callId, "write_stdin", { session_id: sessionId, chars, ...options });
}

/** A look at a picture. */
export function viewImage(callId: string, path: string): ModelItem {
  return functionCall(callId, "view_image", { path });
}

/** A patch: the lines between `*** Begin Patch` and `*** End Patch`. */
export function applyPatch(callId: string, ...lines: string[]): ModelItem {
  const patch = ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");
  return execCommand(callId, `apply_patch <<'EOF'\n${patch}\nEOF`);
}

/** A call of a tool that an MCP server brings. */
export function mcpTool(
  callId: string,
  server: string,
  name: string,
  args: Record<string, unknown>,
): ModelItem {
  return { ...functionCall(callId, name, args), namespace: `mcp__${server}` };
}

function functionCall(callId: string, name: string, args: Record<string, unknown>): ModelItem {
  return {
    type: "function_call",
    id: `item_${callId}`,
    call_id: callId,
    name,
    arguments: JSON.stringify(args),
  };
}

/** Text for the person; without a tool call beside it, it ends the turn. */
export function message(text: string): ModelItem {
  return {
    type: "message",
    id: "item_message",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  };
}

/** What the closing message says that the mock adds to every script. */
export const closingMessage = "That is all.";

/** Starts a mock on a free loopback port. */
export function startMockModel(script: readonly Turn[]): MockModel {
  const requests: ModelRequest[] = [];
  let failure: Error | undefined;
  const play = async (
    request: ModelRequest,
    turn: Turn = [message(closingMessage)],
  ): Promise<ModelItem[]> => {
    try {
      return typeof turn === "function" ? await turn(request) : turn;
    } catch (error) {
      failure ??= error as Error;
      return [message("The script cannot go on.")];
    }
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "GET" && pathname === "/v1/models") {
      return Response.json({ models: [], object: "list", data: [] });
    }
    if (request.method !== "POST" || pathname !== "/v1/responses") return new Response(null, { status: 404 });
    const asked = modelRequest((await request.json()).input);
    const index = requests.push(asked) - 1;
    return eventStream(`response_${index}`, await play(asked, failure ? undefined : script[index]));
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/v1`,
    requests,
    get failure() {
      return failure;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function modelRequest(input: InputItem[]): ModelRequest {
  return {
    input,
    output(callId) {
      const item = input.find((item) => item.type === "function_call_output" && item.call_id === callId);
      if (!item) throw new Error(`The call "${callId}" was not answered`);
      return itemText(item.output);
    },
  };
}

/** The text of a message's content or of a tool's answer: a string, or a list of parts. */
export function itemText(content: unknown): string {
  if (typeof content === "string") return content;
  const parts = content as InputItem[];
  return parts.map((part) => typeof part.text === "string" ? part.text : JSON.stringify(part)).join("\n");
}

function eventStream(id: string, items: ModelItem[]): Response {
  const usage = {
    input_tokens: 1,
    input_tokens_details: null,
    output_tokens: 1,
    output_tokens_details: null,
    total_tokens: 2,
  };
  const events = [
    { type: "response.created", response: { id } },
    ...items.map((item, index) => ({ type: "response.output_item.done", output_index: index, item })),
    { type: "response.completed", response: { id, output: items, usage } },
  ];
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}
