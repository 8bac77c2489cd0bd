import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { failureText } from "../native/os_errors.ts";
import { FleetError } from "./fleet_error.ts";

/** Who somebody is for the broker: a file of credentials, as `fleet add-host` and `fleet add-client` write it. */
export interface Credentials {
  /** The file's content: a signed statement of who it is, and the key that proves it. */
  readonly text: Uint8Array;
  /** The name in it. */
  readonly name: string | undefined;
}

/** A host's place in the fleet, where the name in its credentials tells it. */
export interface CredentialsHost {
  readonly group: string;
  readonly name: string;
}

/** @throws {FleetError} for a file that cannot be read or holds none */
export function readCredentials(file: string): Credentials {
  let text: Uint8Array;
  try {
    text = readFileSync(file);
  } catch (error) {
    throw new FleetError(`Cannot read the fleet's credentials "${file}": ${failureText(error)}`);
  }
  const [, payload] = /-----BEGIN NATS USER JWT-----\s+[\w-]+\.([\w-]+)\.[\w-]+\s/.exec(textOf(text)) ?? [];
  if (payload === undefined) {
    throw new FleetError(
      `"${file}" holds no credentials: exec-server fleet add-host and add-client write such files`,
    );
  }
  return { text, name: nameIn(payload) };
}

/** The host that somebody's credentials are for, if they are a host's. */
export function hostOf(name: string | undefined): CredentialsHost | undefined {
  const [, group, host] = /^host:([\w-]+):([\w-]+)$/.exec(name ?? "") ?? [];
  return group === undefined ? undefined : { group, name: host! };
}

/** What a user is called whose credentials are for this client. */
export function clientOf(name: string | undefined): string | undefined {
  return /^client:([\w-]+)$/.exec(name ?? "")?.[1];
}

function nameIn(payload: string): string | undefined {
  try {
    const { name } = JSON.parse(Buffer.from(payload, "base64url").toString());
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
