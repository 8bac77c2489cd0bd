/**
 * The names in a certificate, from its bytes: runtimes tell them as one text, in which a name may pretend to be several.
 */

/** The subject's common names, and the names of subjectAltName. */
export function certificateNames(der: Uint8Array): string[] {
  const { subject, extensions } = partsOf(der);
  return [...new Set([...commonNames(subject), ...alternativeNames(extensions)])].filter(isPlain);
}

/** The e-mail addresses, host names, URIs and IP addresses of subjectAltName. */
export function subjectAltNames(der: Uint8Array): string[] {
  return [...alternativeNames(partsOf(der).extensions)].filter(isPlain);
}

function partsOf(der: Uint8Array): { subject: Uint8Array; extensions: Uint8Array | undefined } {
  const [certificate] = elements(der);
  const [signed] = elements(certificate!.content);
  const parts = [...elements(signed!.content)];
  // In front of the serial number a certificate may tell its version.
  const [, , , , subject] = parts[0]!.tag === tags.version ? parts.slice(1) : parts;
  return {
    subject: subject!.content,
    extensions: parts.find(({ tag }) => tag === tags.extensions)?.content,
  };
}

/** A name with control characters is made to be mistaken for another. */
function isPlain(name: string): boolean {
  // deno-lint-ignore no-control-regex
  return name !== "" && !/[\x00-\x1f\x7f]/.test(name);
}

const tags = { version: 0xa0, extensions: 0xa3, objectId: 0x06, octets: 0x04 } as const;
/** Kinds of text that are UTF-8, or ASCII. */
const textTags: readonly number[] = [0x0c, 0x12, 0x13, 0x16];
const commonName = "55,4,3";
const subjectAltName = "55,1d,11";
/** E-mail address, host name and URI, as choices of a GeneralName. */
const textChoices: readonly number[] = [0x81, 0x82, 0x86];
const addressChoice = 0x87;

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The elements that stand one behind the other in DER. */
function* elements(bytes: Uint8Array): Generator<Element> {
  for (let at = 0; at + 2 <= bytes.length;) {
    const tag = bytes[at]!;
    let length = bytes[at + 1]!;
    at += 2;
    if (length > 0x80) {
      const digits = bytes.subarray(at, at + (length & 0x7f));
      length = digits.reduce((sum, digit) => sum * 256 + digit, 0);
      at += digits.length;
    }
    yield { tag, content: bytes.subarray(at, at + length) };
    at += length;
  }
}

function* commonNames(subject: Uint8Array): Generator<string> {
  for (const { content: set } of elements(subject)) {
    for (const { content: attribute } of elements(set)) {
      const [id, value] = elements(attribute);
      if (isObject(id, commonName) && value && textTags.includes(value.tag)) yield text(value.content);
    }
  }
}

function* alternativeNames(extensions: Uint8Array | undefined): Generator<string> {
  if (extensions === undefined) return;
  const [list] = elements(extensions);
  for (const { content: extension } of elements(list!.content)) {
    const [id, ...rest] = elements(extension);
    if (!isObject(id, subjectAltName)) continue;
    // Between the two an extension may say that it is critical.
    const [names] = elements(rest.find(({ tag }) => tag === tags.octets)!.content);
    for (const { tag, content } of elements(names!.content)) {
      // None of them has blanks but one that is made to look like several.
      if (textChoices.includes(tag) && !content.includes(0x20)) yield text(content);
      if (tag === addressChoice) yield address(content);
    }
  }
}

function isObject(element: Element | undefined, id: string): boolean {
  if (element?.tag !== tags.objectId) return false;
  return Array.from(element.content, (byte) => byte.toString(16)).join(",") === id;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function address(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
