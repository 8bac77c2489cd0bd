import assert from "node:assert/strict";
import fc from "fast-check";
import { errorCodes, RpcError } from "../../src/protocol/errors.ts";
import { ForeignPathError, formatFileUri, parseFileUri } from "../../src/protocol/file_uri.ts";
import { pathFromBytes, pathToBytes, readablePath } from "../../src/native/path_text.ts";

const accepted: Record<string, string> = {
  "file:///abs/path": "/abs/path",
  "file:///": "/",
  "file://": "/",
  "file:": "/",
  "file:/p": "/p",
  "file:p": "/p",
  "FILE:///p": "/p",
  "  file:///p \n": "/p",
  "file:////p//q": "/p/q",
  "file:///p/": "/p",
  "file:///a/./b/../c": "/a/c",
  "file:///a/%2e/b/%2E%2e/c": "/a/c",
  "file:///../../a": "/a",
  "file://localhost/p": "/p",
  "file://LOCALHOST/p": "/p",
  "file:///tm%70": "/tmp",
  "file:///sp%20ace%20%C3%A9%23%25%3F": "/sp ace é#%?",
  "file:///sp ace é": "/sp ace é",
  "file:///%F0%9F%98%80": "/😀",
  "file:///%zz%4": "/%zz%4",
  "file:///a\\b": "/a/b",
  "file:\\\\\\a": "/a",
  "file:///a%5Cb": "/a\\b",
  "file:///o\tl\nd": "/old",
  "file:///%43:/x": "/C:/x",
  "file:///C:x": "/C:x",
  "file:///tmp/C:/x": "/tmp/C:/x",
  "file:///a%2": "/a%2",
  "file:///caf%e9": "/caf\udce9",
};

for (const [uri, path] of Object.entries(accepted)) {
  Deno.test(`parseFileUri() takes ${JSON.stringify(uri)}`, () => {
    assert.equal(parseFileUri(uri, "linux"), path);
  });
}

const refused: Record<string, [code: number, message: string]> = {
  "/tmp": [errorCodes.invalidParams, "invalid URI: relative URL without a base"],
  "tmp": [errorCodes.invalidParams, "invalid URI: relative URL without a base"],
  "": [errorCodes.invalidParams, "invalid URI: relative URL without a base"],
  "1file:///x": [errorCodes.invalidParams, "invalid URI: relative URL without a base"],
  "http://x/tmp": [errorCodes.invalidParams, "unsupported path URI scheme `http`"],
  "data:,x": [errorCodes.invalidParams, "unsupported path URI scheme `data`"],
  "file:///tmp?x=1": [errorCodes.invalidParams, "query parameters are not allowed in path URIs"],
  "file:///tmp?": [errorCodes.invalidParams, "query parameters are not allowed in path URIs"],
  "file:///tmp#x": [errorCodes.invalidParams, "fragments are not allowed in path URIs"],
  "file:///tmp%00": [errorCodes.invalidParams, "'file:///tmp%00' is invalid on 'linux'"],
  "file://host:80/x": [errorCodes.invalidParams, "invalid URI: the authority is not a host name"],
  "file://user@localhost/x": [errorCodes.invalidParams, "invalid URI: the authority is not a host name"],
  "file:///d%2Ff": [errorCodes.notFound, "No such file or directory (os error 2)"],
  "file:///a/..%2fb": [errorCodes.notFound, "No such file or directory (os error 2)"],
};

for (const [uri, [code, message]] of Object.entries(refused)) {
  Deno.test(`parseFileUri() refuses ${JSON.stringify(uri)} with ${code}`, () => {
    assert.throws(() => parseFileUri(uri, "linux"), (error) => {
      assert.ok(error instanceof RpcError);
      assert.deepEqual([error.code, error.message], [code, message]);
      return true;
    });
  });
}

for (const uri of ["file://otherhost/x", "file:///C:/x", "file:///C:", "file://127.0.0.1/x"]) {
  Deno.test(`parseFileUri() tells that ${uri} is of another machine`, () => {
    assert.throws(() => parseFileUri(uri, "linux"), (error) => {
      assert.ok(error instanceof ForeignPathError);
      assert.equal(error.message, `'${uri}' is invalid on 'linux'`);
      return true;
    });
  });
}

Deno.test("parseFileUri() takes drives and shares on Windows", () => {
  assert.equal(parseFileUri("file:///c:/Users/a%20b", "windows"), "C:\\Users\\a b");
  assert.equal(parseFileUri("file:///C:/", "windows"), "C:\\");
  assert.equal(parseFileUri("file://server/share/f.txt", "windows"), "\\\\server\\share\\f.txt");
});

Deno.test("parseFileUri() refuses what no Windows path can be", () => {
  for (const uri of ["file:///tmp/x", "file:///C:/a%2Fb", "file:///C:/a%5Cb", "file:///C:/%FF"]) {
    assert.throws(() => parseFileUri(uri, "windows"), ForeignPathError, uri);
  }
});

Deno.test("formatFileUri() encodes what the reference server encodes, and no more", () => {
  const plain = "!$&'()*+,-.0aZ:;=@[]^_|~";
  assert.equal(formatFileUri(`/${plain}`, "linux"), `file:///${plain}`);
  assert.equal(
    formatFileUri('/ "#%<>?`{}\\\x01\x7f', "linux"),
    "file:///%20%22%23%25%3C%3E%3F%60%7B%7D%5C%01%7F",
  );
  assert.equal(formatFileUri("/é😀", "linux"), "file:///%C3%A9%F0%9F%98%80");
  assert.equal(formatFileUri("/", "linux"), "file:///");
});

Deno.test("formatFileUri() writes Windows drives and shares", () => {
  assert.equal(formatFileUri("C:\\Users\\a b", "windows"), "file:///C:/Users/a%20b");
  assert.equal(formatFileUri("C:\\", "windows"), "file:///C:/");
  assert.equal(formatFileUri("\\\\server\\share\\f", "windows"), "file://server/share/f");
});

Deno.test("a URI of any bytes comes back from a path and its bytes", () => {
  const bytes = Uint8Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 0x2f);
  const name = pathFromBytes(bytes);
  assert.deepEqual(pathToBytes(name), bytes);
  const uri = formatFileUri(`/${name}`, "linux");
  assert.match(uri, /^[\x21-\x7e]+$/);
  assert.equal(parseFileUri(uri, "linux"), `/${name}`);
});

Deno.test("bytes that are not UTF-8 are kept one by one", () => {
  // A byte order mark, a truncated character, an encoded surrogate, an overlong slash, then text.
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0xe2, 0x82, 0xed, 0xa0, 0x80, 0xc0, 0xaf, 0x41, 0xf0, 0x9f);
  const name = pathFromBytes(bytes);
  assert.equal(name, "\ufeff\udce2\udc82\udced\udca0\udc80\udcc0\udcafA\udcf0\udc9f");
  assert.deepEqual(pathToBytes(name), bytes);
  assert.equal(readablePath("n\udcff"), "n\ufffd");
  assert.equal(readablePath("n\ufffd"), "n\ufffd");
});

Deno.test("any bytes come back, and those that are UTF-8 are text", () => {
  const sequence = fc.oneof(
    fc.constantFrom([0xed, 0xb2, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [
      0xef,
      0xbf,
      0xbd,
    ]),
    fc.string({ unit: "binary", maxLength: 3 }).map((text) => [...new TextEncoder().encode(text)]),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => [...bytes]),
  );
  fc.assert(fc.property(fc.array(sequence), (parts) => {
    const bytes = Uint8Array.from(parts.flat());
    const path = pathFromBytes(bytes);
    assert.deepEqual(pathToBytes(path), bytes);
    assert.equal(readablePath(path).length > 0, bytes.length > 0);
    const isText = (() => {
      try {
        new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
        return true;
      } catch {
        return false;
      }
    })();
    assert.equal(path.isWellFormed(), isText);
  }));
});

Deno.test("parseFileUri() refuses what is longer than any path before it takes it apart", () => {
  const tooLong = { code: errorCodes.internal, message: "File name too long (os error 36)" };
  for (const piece of ["%ff", "a/", "%41", "%e9/"]) {
    for (const times of [10_000, 1_000_000]) {
      assert.throws(() => parseFileUri("file:///" + piece.repeat(times), "linux"), tooLong);
    }
  }
  assert.equal(parseFileUri("file://" + "/".repeat(50_000) + "tmp", "linux"), "/tmp");
});

Deno.test("a name of very many bytes that are not UTF-8 is decoded in one go", () => {
  const bytes = new Uint8Array(4_000_000).fill(0xff);
  const path = pathFromBytes(bytes);
  assert.equal(path.length, bytes.length);
  assert.deepEqual(pathToBytes(path), bytes);
});
