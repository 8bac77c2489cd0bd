/** Certificates that are made for one test, by the `openssl` command. */
import { copyFile, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TempFolder } from "./temp_folder.ts";

/** A certificate and its key, as files in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate says. */
export interface CertificateOptions {
  /** The common name; `test` by default. */
  name?: string;
  /** A section of `openssl` that names others; this machine's by default. */
  alternativeNames?: string[];
  /** How long it is valid from now on; ten by default, and fewer than none for one that has expired. */
  days?: number;
}

/** Runs `openssl`. @throws {Error} with what it said */
export async function openssl(args: string[], input = ""): Promise<string> {
  const child = new Deno.Command("openssl", { args, stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { success, stdout, stderr } = await child.output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`openssl ${args.join(" ")}: ${said}`);
  return said;
}

/** An authority of its own; `await using` removes it with everything that it has signed. */
export class Authority implements AsyncDisposable {
  /** The file of its own certificate. */
  readonly cert: string;
  readonly #folder: TempFolder;
  #issued = 0;

  private constructor(folder: TempFolder) {
    this.#folder = folder;
    this.cert = this.path("authority.crt");
  }

  static async create(name = "authority"): Promise<Authority> {
    const authority = new Authority(new TempFolder());
    const { cert } = authority;
    await openssl([
      "req",
      "-x509",
      ...newKey,
      "-keyout",
      authority.path("authority.key"),
      "-out",
      cert,
      "-subj",
      `/CN=${name}`,
    ]);
    return authority;
  }

  /** A path in its folder. */
  path(name: string): string {
    return join(this.#folder.path, name);
  }

  /** Signs a new certificate. */
  async issue(options: CertificateOptions = {}): Promise<Certificate> {
    const { name = "test", alternativeNames = ["DNS.1=localhost", "IP.1=127.0.0.1"], days = 10 } = options;
    const base = this.path(`${++this.#issued}`);
    const files = { cert: `${base}.crt`, key: `${base}.key` };
    await openssl(["req", ...newKey, "-keyout", files.key, "-out", `${base}.csr`, "-subj", `/CN=${name}`]);
    await writeFile(`${base}.ext`, ["subjectAltName=@names", "[names]", ...alternativeNames, ""].join("\n"));
    const signer = ["-CA", this.cert, "-CAkey", this.path("authority.key"), "-CAcreateserial"];
    const rest = ["-days", `${days}`, "-extfile", `${base}.ext`, "-out", files.cert];
    await openssl(["x509", "-req", "-in", `${base}.csr`, ...signer, ...rest]);
    return files;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Puts a certificate in the place of another, as tools that renew do: new files under the old names. */
export async function replace(old: Certificate, by: Certificate): Promise<void> {
  for (const part of ["key", "cert"] as const) {
    await copyFile(by[part], `${old[part]}.new`);
    await rename(`${old[part]}.new`, old[part]);
  }
}

/** A certificate as a client or a server is given it. */
export async function textsOf({ cert, key }: Certificate): Promise<{ cert: string; key: string }> {
  return { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
}
