import { equal, rejects } from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { readTlsFiles } from "../../src/tls/tls_files.ts";
import { Authority, openssl } from "../support/certificates.ts";

Deno.test("readTlsFiles() takes a chain with its key, and tells when it runs out", async () => {
  await using authority = await Authority.create();
  const { cert, key } = await authority.issue({ days: 3 });
  await writeFile(cert, await readFile(cert, "utf8") + await readFile(authority.cert, "utf8"));
  const { credentials, leaf } = await readTlsFiles({ cert, key, clientCa: authority.cert });
  equal(credentials.clientCa, await readFile(authority.cert, "utf8"));
  equal(Math.round((Date.parse(leaf.validTo) - Date.now()) / 86_400_000), 3);
});

Deno.test("readTlsFiles() says of each wrong file what is wrong and what helps", async () => {
  await using authority = await Authority.create();
  await using stranger = await Authority.create("stranger");
  const good = await authority.issue();
  const other = await authority.issue();
  const expired = await authority.issue({ days: -1 });
  const chain = authority.path("chain");
  await writeFile(chain, await readFile(good.cert, "utf8") + await readFile(stranger.cert, "utf8"));
  const open = authority.path("open");
  await writeFile(open, await readFile(good.key));
  await chmod(open, 0o640);
  const encrypted = authority.path("encrypted");
  await openssl(["pkey", "-in", good.key, "-aes256", "-passout", "pass:secret", "-out", encrypted]);
  await chmod(encrypted, 0o600);
  const refused: [paths: { cert?: string; key?: string; clientCa?: string }, message: RegExp][] = [
    [{ key: other.key }, /is not the certificate's: give the two that were made together/],
    [{ ...expired }, /has expired on \d{4}-\d\d-\d\d: renew it, or set the clock/],
    [
      { cert: chain },
      /certificate 1 in ".*chain" is not signed by the one behind it: put the server's own first/,
    ],
    [{ cert: good.key }, /holds a private key and no certificate: give each file in its place/],
    [{ key: good.cert }, /no private key in PEM|others than its owner/],
    [{ key: open }, /others than its owner may open the key in ".*open": chmod 600 it/],
    [
      { key: encrypted },
      /is encrypted, and nobody is there to type its passphrase: decrypt it with openssl pkey/,
    ],
    [{ cert: authority.path("none") }, /cannot read ".*none": No such file or directory/],
    [{ cert: "/dev/zero" }, /is no PEM file/],
    [{ clientCa: good.key }, /holds a private key and no certificate/],
  ];
  for (const [paths, message] of refused) {
    await rejects(readTlsFiles({ ...good, ...paths }), { name: "CertificateError", message });
  }
});
