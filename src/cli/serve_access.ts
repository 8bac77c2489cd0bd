import { createHash } from "node:crypto";
import { CAPABILITY_TOKEN_CHARS, CLOCK_SKEW_SECONDS, SHARED_SECRET_BYTES } from "../limits.ts";
import { type AccessOptions, hostName } from "../endpoint/access.ts";
import { type BearerCheck, type CapabilityToken, capabilityTokens, signedToken } from "../endpoint/bearer.ts";
import type { FlagValues } from "./command.ts";
import { parseCount } from "./count.ts";
import { readSecret, readTokens } from "./read_token.ts";
import { UsageError } from "./usage_error.ts";

const group = "Who may connect";

/** The flags of `serve` that say who may connect. */
export const accessFlags = {
  "ws-auth": {
    perSection: true,
    value: "MODE",
    complete: ["capability-token", "signed-bearer-token"],
    group,
    help: "What a client must show: capability-token or signed-bearer-token",
  },
  "ws-token-file": {
    perSection: true,
    value: "FILE",
    complete: "files",
    group,
    help: "The capability token, in a file; or several, each on its line, with role=view|control|full behind",
  },
  "ws-token-sha256": { perSection: true, value: "HEX", group, help: "The SHA-256 of the capability token" },
  "ws-shared-secret-file": {
    perSection: true,
    value: "FILE",
    complete: "files",
    group,
    help: "The secret that signs bearer tokens (HS256), in a file",
  },
  "ws-issuer": { perSection: true, value: "TEXT", group, help: "What a signed token's iss must equal" },
  "ws-audience": {
    perSection: true,
    value: "TEXT",
    group,
    help: "What a signed token's aud must equal or contain",
  },
  "ws-max-clock-skew-seconds": {
    perSection: true,
    value: "N",
    group,
    help: "By how much a signed token's times may be off; 30 by default",
  },
  "allow-origin": {
    perSection: true,
    value: "ORIGIN",
    repeat: true,
    group,
    help: "Let pages of this origin connect",
  },
  "allow-host": {
    perSection: true,
    value: "NAME",
    repeat: true,
    group,
    help: "A name that clients reach it by, beside its address",
  },
} as const;

type AccessFlags = FlagValues<typeof accessFlags>;

/**
 * Who may connect, by the flags.
 *
 * @throws {UsageError} for flags that do not go together, and for values that would let nobody in
 */
export function readAccess(flags: AccessFlags): Omit<AccessOptions, "address"> {
  return {
    allowedOrigins: flags["allow-origin"].map(parseOrigin),
    allowedHosts: flags["allow-host"].map(parseHost),
    bearer: readBearer(flags),
  };
}

/** What the flags let happen that nobody may have meant, if so. */
export function accessWarning(flags: AccessFlags): string | undefined {
  const file = flags["ws-token-file"];
  const isShort = ({ token }: { readonly token: string }) => token.length < CAPABILITY_TOKEN_CHARS;
  if (file === undefined || !readTokens("ws-token-file", file).some(isShort)) return undefined;
  return `a token in ${file} has fewer than ${CAPABILITY_TOKEN_CHARS} characters and can be guessed: ` +
    "make one with openssl rand -hex 32";
}

/** The first of these flags that was given. */
export function givenAccessFlag(flags: AccessFlags): string | undefined {
  const names = Object.keys(accessFlags) as (keyof AccessFlags)[];
  return names.find((name) => flags[name] !== undefined && flags[name].length > 0);
}

/** An origin as browsers send it: `https://host` or `https://host:port`, without a default port. */
function parseOrigin(text: string): string {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#@\s*]+)\/?$/i.exec(text) ?? [];
  const url = scheme && URL.parse(text);
  if (url) return /^https?:$/.test(url.protocol) ? url.origin : `${scheme.toLowerCase()}${rest}`;
  if (text === "null") return text;
  throw new UsageError(`--allow-origin takes an origin such as https://example.com, not "${text}"`);
}

/** A host name as it is looked for; whatever port a client adds is not looked at. */
function parseHost(text: string): string {
  const name = hostName(text);
  if (name !== undefined) return name;
  throw new UsageError(`--allow-host takes a host name such as build.example.com, not "${text}"`);
}

function readBearer(flags: AccessFlags): BearerCheck | undefined {
  const mode = flags["ws-auth"];
  const capabilityFlags = ["ws-token-file", "ws-token-sha256"] as const;
  const signedFlags = [
    "ws-shared-secret-file",
    "ws-issuer",
    "ws-audience",
    "ws-max-clock-skew-seconds",
  ] as const;
  const refuse = (names: readonly (keyof AccessFlags)[], needs: string) => {
    const given = names.find((name) => flags[name] !== undefined);
    if (given) throw new UsageError(`--${given} needs --ws-auth ${needs}`);
  };
  switch (mode) {
    case undefined:
      refuse(capabilityFlags, "capability-token");
      refuse(signedFlags, "signed-bearer-token");
      return undefined;
    case "capability-token":
      refuse(signedFlags, "signed-bearer-token");
      return capabilityTokens(tokens(flags));
    case "signed-bearer-token":
      refuse(capabilityFlags, "capability-token");
      return signedToken({
        secret: readSharedSecret(flags["ws-shared-secret-file"]),
        issuer: flags["ws-issuer"],
        audience: flags["ws-audience"],
        clockSkewSeconds: parseCount(
          "ws-max-clock-skew-seconds",
          flags["ws-max-clock-skew-seconds"] ?? `${CLOCK_SKEW_SECONDS}`,
          { least: 0 },
        ),
      });
    default:
      throw new UsageError(`--ws-auth takes capability-token or signed-bearer-token, not "${mode}"`);
  }
}

function tokens(flags: AccessFlags): CapabilityToken[] {
  const file = flags["ws-token-file"];
  const digest = flags["ws-token-sha256"];
  if ((file === undefined) === (digest === undefined)) {
    throw new UsageError("--ws-auth capability-token needs either --ws-token-file or --ws-token-sha256");
  }
  if (file !== undefined) {
    return readTokens("ws-token-file", file).map(({ token, role }) => ({
      sha256: createHash("sha256").update(token).digest("hex"),
      role,
    }));
  }
  if (!/^[0-9a-f]{64}$/i.test(digest!)) throw new UsageError("--ws-token-sha256 takes 64 hex digits");
  return [{ sha256: digest!, role: "full" }];
}

function readSharedSecret(file: string | undefined): Uint8Array {
  if (file === undefined) throw new UsageError("--ws-auth signed-bearer-token needs --ws-shared-secret-file");
  const secret = new TextEncoder().encode(readSecret("ws-shared-secret-file", file));
  if (secret.length < SHARED_SECRET_BYTES) {
    throw new UsageError(
      `--ws-shared-secret-file: the secret in "${file}" must have at least ${SHARED_SECRET_BYTES} bytes`,
    );
  }
  return secret;
}
