import { match, ok, strictEqual } from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { runCommand } from "../support/command.ts";
import { get, rawRequest, upgradeHeaders } from "../support/raw_http.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

const token = "s3cret token with blanks";
const secret = "0123456789abcdef0123456789abcdef";

/** The answer to a handshake with this Authorization header: nothing when let in, or why not. */
async function refusal(
  server: ServerProcess,
  authorization: string | undefined,
): Promise<string | undefined> {
  const request = get("/", { Host: "localhost", ...upgradeHeaders, Authorization: authorization });
  const { status, headers, body } = await rawRequest(server.url, request);
  if (status === 101) return undefined;
  strictEqual(status, 401);
  match(headers.get("content-type") ?? "", /^text\/plain/);
  strictEqual(headers.get("www-authenticate"), undefined);
  return body;
}

Deno.test("a token that can be guessed is taken, as by the original, and the log says so", async () => {
  await using folder = new TempFolder();
  for (const [text, warns] of [["x", true], ["0123456789abcdef", false]] as const) {
    const file = await folder.write("short", text);
    await using server = await startServer({
      args: ["--ws-auth", "capability-token", `--ws-token-file=${file}`],
    });
    strictEqual(await refusal(server, `Bearer ${text}`), undefined);
    strictEqual(/WARN +weak access .*openssl rand -hex 32/.test(server.stderr()), warns);
  }
});

Deno.test("a capability token lets in who holds it, from a file or by its digest", async () => {
  await using folder = new TempFolder();
  const file = await folder.write("secret", `  ${token}\r\n\n`);
  const digest = createHash("sha256").update(token).digest("hex").toUpperCase();
  for (const flag of [`--ws-token-file=${file}`, `--ws-token-sha256=${digest}`]) {
    await using server = await startServer({ args: ["--ws-auth", "capability-token", flag] });
    for (const good of [`Bearer ${token}`, `bearer ${token}`, `BEARER    ${token}   `]) {
      strictEqual(await refusal(server, good), undefined, good);
    }
    strictEqual(await refusal(server, undefined), "missing websocket bearer token");
    for (
      const none of [
        "Bearer",
        "Bearer ",
        token,
        `Basic ${token}`,
        `Bearer${token}`,
        "",
      ]
    ) {
      const reason = await refusal(server, none);
      ok(
        /^(missing websocket bearer token|invalid authorization header)$/.test(reason ?? ""),
        `${none}: ${reason}`,
      );
    }
    for (const wrong of [`${token}x`, token.slice(1), token.toUpperCase(), "x", digest]) {
      strictEqual(await refusal(server, `Bearer ${wrong}`), "invalid websocket bearer token");
    }
    await server.stop();
    ok(!server.stderr().includes(token) && !server.stderr().includes(digest));
  }
});

function base64url(content: string | Uint8Array): string {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** What a token is made with. */
interface SigningOptions {
  readonly key?: string;
  readonly header?: unknown;
  readonly hash?: string;
}

function sign(claims: unknown, options: SigningOptions = {}): string {
  const { key = secret, header = { alg: "HS256", typ: "JWT" }, hash = "sha256" } = options;
  const signed = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  return `${signed}.${base64url(createHmac(hash, key).update(signed).digest())}`;
}

/** Claims as text, with an expiry as it is to be written. */
function written(exp: string): string {
  return `{"aud":"you","iss":"me","exp":${exp}}`;
}

/** A token of claims, and of a header, that may be no JSON. */
function signText(claims: string, header = '{"alg":"HS256"}'): string {
  const signed = `${base64url(header)}.${base64url(claims)}`;
  return `${signed}.${base64url(createHmac("sha256", secret).update(signed).digest())}`;
}

/** The same signature by another last digit: two of its bits decode to nothing. */
function respelled(token: string): string {
  return token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1);
}

Deno.test("a signed token lets in who holds the secret, within its time and for its purpose", async () => {
  await using folder = new TempFolder();
  const file = await folder.write("secret", `${secret}\n`);
  const args = [
    "--ws-auth=signed-bearer-token",
    `--ws-shared-secret-file=${file}`,
    "--ws-issuer=me",
    "--ws-audience=you",
  ];
  await using server = await startServer({ args: ["--log-level=off", ...args] });
  const now = Math.floor(Date.now() / 1000);
  const good = { exp: now + 600, iss: "me", aud: "you" };
  const invalid = "invalid websocket jwt";
  const cases: [name: string, token: string, expected: string | undefined][] = [
    ["good", sign(good), undefined],
    ["an audience among others", sign({ ...good, aud: ["x", "you"] }), undefined],
    ["another audience", sign({ ...good, aud: ["x"] }), "websocket jwt audience mismatch"],
    ["no audience", sign({ ...good, aud: undefined }), "websocket jwt audience mismatch"],
    ["another issuer", sign({ ...good, iss: "Me" }), "websocket jwt issuer mismatch"],
    ["no issuer", sign({ ...good, iss: undefined }), "websocket jwt issuer mismatch"],
    ["issuers", sign({ ...good, iss: ["me"] }), invalid],
    ["a strange audience", sign({ ...good, aud: ["you", 5] }), invalid],
    ["expired within the skew", sign({ ...good, exp: now - 20 }), undefined],
    ["expired", sign({ ...good, exp: now - 60 }), "expired websocket jwt"],
    ["no expiry", sign({ ...good, exp: undefined }), invalid],
    ["a fraction as expiry", sign({ ...good, exp: now + 600.5 }), invalid],
    ["a text as expiry", sign({ ...good, exp: `${now + 600}` }), invalid],
    ["an expiry beyond numbers", sign({ ...good, exp: 1e300 }), invalid],
    ["valid soon, within the skew", sign({ ...good, nbf: now + 10 }), undefined],
    ["valid later", sign({ ...good, nbf: now + 300 }), "websocket jwt is not valid yet"],
    ["valid from nothing", sign({ ...good, nbf: null }), undefined],
    ["issued in the future", sign({ ...good, iat: now + 9_000, sub: 5 }), undefined],
    ["another type", sign(good, { header: { alg: "HS256", typ: "at+jwt", kid: "k" } }), undefined],
    ["no type", sign(good, { header: { alg: "HS256" } }), undefined],
    ["critical members", sign(good, { header: { alg: "HS256", crit: ["exp"] } }), invalid],
    ["no algorithm", sign(good, { header: { typ: "JWT" } }), invalid],
    ["the algorithm none", sign(good, { header: { alg: "none" } }), invalid],
    ["the algorithm none, unsigned", sign(good, { header: { alg: "none" } }).replace(/[^.]+$/, ""), invalid],
    ["HS512", sign(good, { header: { alg: "HS512" }, hash: "sha512" }), invalid],
    ["HS256 called HS512", sign(good, { header: { alg: "HS512" } }), invalid],
    ["another key", sign(good, { key: "x".repeat(32) }), invalid],
    ["the file's bytes as key", sign(good, { key: `${secret}\n` }), invalid],
    ["a signature cut short", sign(good).slice(0, -2), invalid],
    ["a padded signature", `${sign(good)}=`, invalid],
    [
      "other claims under the signature",
      sign(good).replace(/\.[^.]+\./, `.${base64url('{"exp":9999999999}')}.`),
      invalid,
    ],
    ["no object", sign(null), invalid],
    ["no JSON", signText("exp"), invalid],
    ["the largest expiry", signText(written("9223372036854775807")), undefined],
    ["a larger one", signText(written("9223372036854775808")), invalid],
    ["an expiry with a fraction of nothing", signText(written("9999999999.0")), invalid],
    ["an expiry with an exponent", signText(written("1e18")), invalid],
    ["an expiry before 1970", signText(written("-1")), "expired websocket jwt"],
    ["an expiry of minus nothing", signText(written("-0")), invalid],
    ["a beginning with a fraction of nothing", signText(written('9999999999,"nbf":1.0')), invalid],
    ["two expiries", signText(written('9999999999,"exp":1')), invalid],
    ["a subject that is an object", sign({ ...good, sub: {} }), invalid],
    ["a byte order mark", signText(`\ufeff${written("9999999999")}`), invalid],
    ["a type that is no text", sign(good, { header: { alg: "HS256", typ: 1 } }), invalid],
    ["a key's name that is no text", sign(good, { header: { alg: "HS256", kid: [] } }), invalid],
    ["no key's name", sign(good, { header: { alg: "HS256", kid: null, crit: null } }), undefined],
    ["two algorithms", signText(written("9999999999"), '{"alg":"HS256","alg":"HS256"}'), invalid],
    ["a signature spelled otherwise", respelled(sign(good)), invalid],
    ["two parts", "a.b", invalid],
    ["four parts", `${sign(good)}.x`, invalid],
    ["nothing like it", "token", invalid],
  ];
  for (const [name, token, expected] of cases) {
    strictEqual(await refusal(server, `Bearer ${token}`), expected, name);
  }
  strictEqual(await refusal(server, undefined), "missing websocket bearer token");
});

Deno.test("a signed token's skew can be set, and its purpose left open", async () => {
  await using folder = new TempFolder();
  const file = await folder.write("secret", secret);
  const args = [
    "--ws-auth=signed-bearer-token",
    `--ws-shared-secret-file=${file}`,
    "--ws-max-clock-skew-seconds=0",
  ];
  await using server = await startServer({ args });
  const now = Math.floor(Date.now() / 1000);
  strictEqual(await refusal(server, `Bearer ${sign({ exp: now - 2 })}`), "expired websocket jwt");
  strictEqual(await refusal(server, `Bearer ${sign({ exp: now + 600, iss: "any", aud: "any" })}`), undefined);
});

Deno.test("a mistake in the flags about access is told in one line, with status 2", async () => {
  await using folder = new TempFolder();
  const empty = await folder.write("empty", " \n");
  const binary = await folder.write("binary", new Uint8Array(40).fill(0xff));
  const lines = await folder.write("lines", "one\ntwo\n");
  const good = await folder.write("good", secret);
  const short = await folder.write("short", secret.slice(1));
  const capability = "--ws-auth=capability-token";
  const signed = "--ws-auth=signed-bearer-token";
  const mistakes: [args: string[], line: string][] = [
    [["--ws-auth=basic"], '--ws-auth takes capability-token or signed-bearer-token, not "basic"'],
    [[`--ws-token-file=${good}`], "--ws-token-file needs --ws-auth capability-token"],
    [["--ws-issuer=me"], "--ws-issuer needs --ws-auth signed-bearer-token"],
    [[capability], "--ws-auth capability-token needs either --ws-token-file or --ws-token-sha256"],
    [
      [capability, `--ws-token-file=${good}`, `--ws-token-sha256=${"0".repeat(64)}`],
      "--ws-auth capability-token needs either --ws-token-file or --ws-token-sha256",
    ],
    [
      [capability, `--ws-token-file=${good}`, "--ws-audience=x"],
      "--ws-audience needs --ws-auth signed-bearer-token",
    ],
    [[capability, "--ws-token-sha256=abc"], "--ws-token-sha256 takes 64 hex digits"],
    [[capability, `--ws-token-file=${empty}`], `--ws-token-file: the file "${empty}" is empty`],
    [[capability, `--ws-token-file=${binary}`], `--ws-token-file: the file "${binary}" is not UTF-8 text`],
    [
      [capability, `--ws-token-file=${lines}`],
      `--ws-token-file: the file "${lines}" must hold one line of printable ASCII, or on each line a token and its role=`,
    ],
    [
      [capability, "--ws-token-file=/no/such"],
      '--ws-token-file: cannot read "/no/such": No such file or directory (os error 2)',
    ],
    [
      [capability, "--ws-token-file=/tmp"],
      '--ws-token-file: cannot read "/tmp": Is a directory (os error 21)',
    ],
    [[signed], "--ws-auth signed-bearer-token needs --ws-shared-secret-file"],
    [
      [signed, `--ws-shared-secret-file=${short}`],
      `--ws-shared-secret-file: the secret in "${short}" must have at least 32 bytes`,
    ],
    [
      [signed, `--ws-shared-secret-file=${binary}`],
      `--ws-shared-secret-file: the file "${binary}" is not UTF-8 text`,
    ],
    [
      [signed, `--ws-shared-secret-file=${good}`, `--ws-token-file=${good}`],
      "--ws-token-file needs --ws-auth capability-token",
    ],
    [
      [signed, `--ws-shared-secret-file=${good}`, "--ws-max-clock-skew-seconds=-1"],
      '--ws-max-clock-skew-seconds takes a whole number of at least 0, not "-1"',
    ],
    [["--allow-origin=*"], '--allow-origin takes an origin such as https://example.com, not "*"'],
    [["--allow-host=http://a"], '--allow-host takes a host name such as build.example.com, not "http://a"'],
    [
      ["--listen=ws://0.0.0.0:0"],
      "Listening on 0.0.0.0 lets the network in: add --ws-auth, or listen on 127.0.0.1 and forward the port",
    ],
    [
      ["--listen=ws://[::]:0"],
      "Listening on :: lets the network in: add --ws-auth, or listen on 127.0.0.1 and forward the port",
    ],
    [["--listen=stdio", capability, `--ws-token-file=${good}`], "--ws-auth is for ws://, not for stdio"],
    [["--listen=stdio", "--allow-host=a"], "--allow-host is for ws://, not for stdio"],
  ];
  await Promise.all(mistakes.map(async ([args, line]) => {
    const { code, text, stderr } = await runCommand(["serve", ...args]);
    strictEqual(`${code}|${text}|${stderr}`, `2||exec-server: ${line}\n`);
  }));
});

Deno.test("with a token it listens for the network, and then any address is its own, but no name", async () => {
  await using folder = new TempFolder();
  const file = await folder.write("secret", token);
  const auth = ["--ws-auth=capability-token", `--ws-token-file=${file}`];
  const command = [...serverCommand(), "serve", "--listen", "ws://0.0.0.0:0", ...auth];
  await using server = await startServer({ command });
  const port = /^ws:\/\/0\.0\.0\.0:(\d+)$/.exec(server.url)?.[1];
  const status = async (Host: string, authorized = true): Promise<number> => {
    const headers = { Host, ...upgradeHeaders, Authorization: authorized ? `Bearer ${token}` : undefined };
    return (await rawRequest(`ws://127.0.0.1:${port}`, get("/", headers))).status;
  };
  for (const host of ["10.1.2.3", `192.0.2.1:${port}`, "[2001:db8::1]", "localhost"]) {
    strictEqual(await status(host), 101, host);
  }
  strictEqual(await status("10.1.2.3", false), 401);
  strictEqual(await status("build.example.com"), 403);
});
