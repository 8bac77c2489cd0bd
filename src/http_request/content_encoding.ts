import * as zlib from "node:zlib";
import { gzipContent } from "./gzip_content.ts";
import type { HeaderLine } from "./headers.ts";
import { ByteSource } from "./byte_source.ts";
import { zstdContent } from "./zstd_content.ts";

type Decoder = (source: ByteSource) => AsyncIterable<Uint8Array>;

/** Node 20 has no zstd: there, such a body is passed on as it is, and not asked for. */
const decoders = new Map<string, Decoder>([
  ...typeof zlib.createZstdDecompress === "function" ? [["zstd", zstdContent] as const] : [],
  ["gzip", gzipContent],
]);

/** What a request says it accepts, unless its client says something itself. */
export const acceptedEncodings = [...decoders.keys()].join(",");

/**
 * A body as it was before the peer compressed it, and the headers that are true of it.
 *
 * The reference server's rules: the first `Content-Encoding` alone is looked at, as it is written; what it does not name
 * exactly is passed on encoded. Decoded, neither encoding nor length are told, and an empty body needs no decoding.
 */
export function decodeContent(
  headers: readonly HeaderLine[],
  body: AsyncIterable<Uint8Array>,
): { headers: readonly HeaderLine[]; body: AsyncIterable<Uint8Array> } {
  const decoder = decoders.get(headers.find(({ name }) => name === "content-encoding")?.value ?? "");
  if (!decoder) return { headers, body };
  return {
    headers: headers.filter(({ name }) => name !== "content-encoding" && name !== "content-length"),
    body: decoder(new ByteSource(body)),
  };
}
