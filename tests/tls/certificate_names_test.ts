import { deepEqual } from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { certificateNames, subjectAltNames } from "../../src/tls/certificate_names.ts";
import { Authority, type CertificateOptions } from "../support/certificates.ts";

async function der(options: CertificateOptions): Promise<Uint8Array> {
  await using authority = await Authority.create();
  return new X509Certificate(await readFile((await authority.issue(options)).cert)).raw;
}

Deno.test("certificateNames() tells the common name and every kind of alternative name", async () => {
  const alternativeNames = [
    "email.1=alice@example.com",
    "URI.1=spiffe://example.com/build",
    "DNS.1=build.example.com",
    "IP.1=10.0.0.1",
    "IP.2=fe80::1",
    "RID.1=1.2.3.4",
  ];
  const bytes = await der({ name: "Alice Ünal", alternativeNames });
  const others = [
    "alice@example.com",
    "spiffe://example.com/build",
    "build.example.com",
    "10.0.0.1",
    "fe80::1",
  ];
  deepEqual(subjectAltNames(bytes), others);
  deepEqual(certificateNames(bytes).slice(1), others);
});

Deno.test("certificateNames() takes a name that looks like several for one, or for none", async () => {
  const bytes = await der({
    name: "a, DNS:root",
    alternativeNames: ["email.1=evil@x, DNS:admin", "DNS.1=b"],
  });
  deepEqual(certificateNames(bytes), ["a, DNS:root", "b"]);
});

Deno.test("certificateNames() of a certificate with a long name and without others", async () => {
  await using authority = await Authority.create("n".repeat(60));
  deepEqual(certificateNames(new X509Certificate(await readFile(authority.cert)).raw), ["n".repeat(60)]);
});
