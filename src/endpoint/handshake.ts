/** Why a request is no WebSocket handshake, naming the header; undefined where it is one. */
export function refuseHandshake(headers: Headers): string | undefined {
  const connection = headers.get("connection")?.toLowerCase().split(/[\s,]+/) ?? [];
  if (!connection.includes("upgrade")) return "the `Connection` header does not include 'upgrade'";
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") return "the `Upgrade` header is not 'websocket'";
  if (headers.get("sec-websocket-version") !== "13") {
    return "the `Sec-WebSocket-Version` header is not '13'";
  }
  const key = headers.get("sec-websocket-key");
  if (key === null) return "the `Sec-WebSocket-Key` header is missing";
  return /^[A-Za-z0-9+/]{22}==$/.test(key)
    ? undefined
    : "the `Sec-WebSocket-Key` header is not the base64 of 16 bytes";
}
