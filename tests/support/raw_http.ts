/** HTTP spoken by hand, for requests that no client sends. */

/** A server's answer. */
export interface RawAnswer {
  readonly status: number;
  /** Values by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What asks for a WebSocket as it should be asked for. */
export const upgradeHeaders: Readonly<Record<string, string>> = {
  "Connection": "Upgrade",
  "Upgrade": "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/**
 * Sends a request line and header lines to a server and reads one answer.
 *
 * @throws {Error} when the server closes without one
 */
export async function rawRequest(url: string, lines: readonly string[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
  await connection.write(new TextEncoder().encode([...lines, "", ""].join("\r\n")));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  for (let text = "";;) {
    const answer = parseAnswer(text, lines[0]!.startsWith("HEAD"));
    if (answer) return answer;
    const count = await connection.read(buffer);
    if (count === null) throw new Error(`No whole answer: ${JSON.stringify(text)}`);
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
}

/** The lines of a `GET` with headers; undefined leaves one out. */
export function get(path: string, headers: Readonly<Record<string, string | undefined>>): string[] {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`]
  );
  return [`GET ${path} HTTP/1.1`, ...lines];
}

function parseAnswer(text: string, isHead: boolean): RawAnswer | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const status = Number(first.split(" ")[1]);
  const body = text.slice(end + 4);
  if (isHead || status === 101) return { status, headers, body: "" };
  const length = headers.get("content-length");
  if (length !== undefined && body.length < Number(length)) return undefined;
  if (headers.get("transfer-encoding") === "chunked" && !body.endsWith("0\r\n\r\n")) return undefined;
  return { status, headers, body };
}
