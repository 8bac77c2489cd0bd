import { Buffer } from "node:buffer";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { failureText, osErrorCode } from "../native/os_errors.ts";
import { FleetError } from "./fleet_error.ts";
import { clientRights, hostRights, type Rights } from "./rights.ts";

/** Keys of an authority, in a file that nobody else can read. */
const secretsSchema = v.object({
  v: v.literal(1),
  operator: v.string(),
  system: v.string(),
  /** The key of each tenant, by its name. */
  tenants: v.record(v.string(), v.string()),
});

type Secrets = v.InferOutput<typeof secretsSchema>;

/** A file that was written, and what it is for. */
export interface WrittenCredentials {
  readonly path: string;
  readonly rights: Rights;
}

const secretsFile = "authority.json";
const brokerFile = "nats-server.conf";

/**
 * Who may do what in a fleet: an operator, tenants that see nothing of each other, and hosts and clients of each, in a
 * folder. The broker needs its configuration from there and nothing else; the keys stay.
 */
export class Authority {
  readonly #folder: string;
  readonly #secrets: Secrets;

  private constructor(folder: string, secrets: Secrets) {
    this.#folder = folder;
    this.#secrets = secrets;
  }

  /** @throws {FleetError} where there is one already, or the folder cannot be made */
  static async create(folder: string, tenant: string): Promise<Authority> {
    if (await isThere(join(folder, secretsFile))) {
      throw new FleetError(`"${folder}" holds a fleet's keys already: choose another folder`);
    }
    const { createAccount, createOperator } = await keys();
    const authority = new Authority(folder, {
      v: 1,
      operator: seedOf(createOperator()),
      system: seedOf(createAccount()),
      tenants: { [tenant]: seedOf(createAccount()) },
    });
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await authority.#save();
    } catch (error) {
      throw new FleetError(`Cannot write to "${folder}": ${failureText(error)}`, { cause: error });
    }
    return authority;
  }

  /** @throws {FleetError} where there is none */
  static async open(folder: string): Promise<Authority> {
    try {
      const text = await readFile(join(folder, secretsFile), "utf8");
      return new Authority(folder, v.parse(secretsSchema, JSON.parse(text)));
    } catch (error) {
      const why = osErrorCode(error) === "ENOENT" ? "exec-server fleet init makes them" : failureText(error);
      throw new FleetError(`"${folder}" holds no keys of a fleet: ${why}`, { cause: error });
    }
  }

  get tenants(): readonly string[] {
    return Object.keys(this.#secrets.tenants);
  }

  /** The broker's configuration, which holds no secret. */
  get brokerConfiguration(): string {
    return join(this.#folder, brokerFile);
  }

  /** Makes a tenant more; nothing happens where it is there. The broker must read its configuration again. */
  async addTenant(tenant: string): Promise<void> {
    if (tenant in this.#secrets.tenants) return;
    const { createAccount } = await keys();
    this.#secrets.tenants[tenant] = seedOf(createAccount());
    await this.#save();
  }

  /**
   * Writes the credentials of a host.
   *
   * @throws {FleetError} where there are some of this name, or no such tenant
   */
  async addHost(tenant: string, group: string, name: string): Promise<WrittenCredentials> {
    return await this.#write(
      tenant,
      `host:${group}:${name}`,
      `host-${group}-${name}.creds`,
      hostRights(group, name),
    );
  }

  /**
   * Writes the credentials of a client.
   *
   * @param hosts hosts that it may reach, each `GROUP/NAME`, with `*` for any
   * @param admin whether it may drain them
   * @throws {FleetError} where there are some of this name, or no such tenant
   */
  async addClient(
    tenant: string,
    name: string,
    hosts: readonly string[],
    admin: boolean,
  ): Promise<WrittenCredentials> {
    return await this.#write(
      tenant,
      `client:${name}`,
      `client-${name}.creds`,
      clientRights(name, hosts, admin),
    );
  }

  async #write(tenant: string, user: string, file: string, rights: Rights): Promise<WrittenCredentials> {
    const seed = this.#secrets.tenants[tenant];
    if (seed === undefined) {
      throw new FleetError(`No tenant is "${tenant}"; there are ${this.tenants.join(", ")}`);
    }
    const path = join(this.#folder, file);
    if (await isThere(path)) throw new FleetError(`"${path}" is there already: remove it to make another`);
    const [{ createUser, fromSeed }, { encodeUser, fmtCreds }] = await Promise.all([keys(), tokens()]);
    const key = createUser();
    const token = await encodeUser(user, key, fromSeed(Buffer.from(seed)), {
      pub: { allow: [...rights.publish] },
      sub: { allow: [...rights.subscribe] },
      ...(rights.answers ? { resp: { max: ANSWERS_EACH, ttl: ANSWER_NS } } : {}),
    });
    await writePrivate(path, fmtCreds(token, key));
    return { path, rights };
  }

  async #save(): Promise<void> {
    await writePrivate(join(this.#folder, secretsFile), `${JSON.stringify(this.#secrets, null, 2)}\n`);
    await writePrivate(this.brokerConfiguration, await this.#configuration());
  }

  async #configuration(): Promise<string> {
    const [{ fromSeed }, { encodeAccount, encodeOperator }] = await Promise.all([keys(), tokens()]);
    const operator = fromSeed(Buffer.from(this.#secrets.operator));
    const system = fromSeed(Buffer.from(this.#secrets.system));
    const accounts = Object.entries(this.#secrets.tenants).map(([name, seed]) =>
      [name, fromSeed(Buffer.from(seed))] as const
    );
    const preload = await Promise.all([["SYS", system] as const, ...accounts].map(async ([name, account]) => {
      const token = await encodeAccount(name, account, { limits: unlimited }, { signer: operator });
      return `  ${account.getPublicKey()}: ${token}`;
    }));
    const token = await encodeOperator("exec-server", operator, { system_account: system.getPublicKey() });
    return [
      "# Who may do what; exec-server fleet writes it anew. A file of your own includes it, and says where to listen and",
      "# which certificate to show:   listen: 0.0.0.0:4222   tls { cert_file: ..., key_file: ... }   include nats-server.conf",
      `operator: ${token}`,
      `system_account: ${system.getPublicKey()}`,
      "resolver: MEMORY",
      "resolver_preload: {",
      ...preload,
      "}",
      "",
    ].join("\n");
  }
}

/** Answers that a host may give to one question, and for how many nanoseconds. */
const ANSWERS_EACH = 1;
const ANSWER_NS = 60_000_000_000;

/** What the broker's own limits leave to its operator. */
const unlimited = {
  conn: -1,
  subs: -1,
  data: -1,
  payload: -1,
  imports: -1,
  exports: -1,
  leaf: -1,
  wildcards: true,
};

function keys(): Promise<typeof import("@nats-io/nkeys")> {
  return import("@nats-io/nkeys");
}

function tokens(): Promise<typeof import("@nats-io/jwt")> {
  return import("@nats-io/jwt");
}

function seedOf(key: { getSeed(): Uint8Array }): string {
  return Buffer.from(key.getSeed()).toString();
}

async function isThere(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch (error) {
    return osErrorCode(error) !== "ENOENT";
  }
}

/** Writes a file that nobody else can read, whole or not at all. */
async function writePrivate(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${crypto.randomUUID()}`;
  await writeFile(beside, content, { mode: 0o600 });
  await chmod(beside, 0o600);
  await rename(beside, path);
}
