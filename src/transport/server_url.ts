/** Whether a text is the URL of a server. */
export function isServerUrl(text: string): boolean {
  return socketPath(text) !== undefined || (/^wss?:/i.test(text) && URL.canParse(text));
}

/**
 * The path of a Unix socket's URL, `unix:/PATH` or `unix:///PATH`; undefined for any other text. The path stands in it
 * as it is, without any escapes.
 */
export function socketPath(url: string): string | undefined {
  return /^unix:(?:\/\/)?(\/[^/\0][^\0]*)$/.exec(url)?.[1];
}

/** What is wrong with a text that is no URL of a server, and what it may have meant. */
export function notServerUrl(text: string): string {
  const meant = serverUrlMeant(text);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  return `takes ws://HOST:PORT, wss://HOST:PORT or unix:/PATH, not "${text}"${hint}`;
}

/** The URL of a server that a text may have meant, where one can be told. */
function serverUrlMeant(text: string): string | undefined {
  const trimmed = text.trim();
  const candidates = [
    trimmed,
    trimmed.replace(/^http(s?):(\/\/)?/i, "ws$1://"),
    ...(/^\/./.test(trimmed) ? [`unix:${trimmed}`] : []),
    ...(/^\d{1,5}$/.test(trimmed) ? [`ws://127.0.0.1:${trimmed}`] : []),
    ...(/^:\d{1,5}$/.test(trimmed) ? [`ws://127.0.0.1${trimmed}`] : []),
    // A host with a port, which a URL would take for a scheme; a host alone names no port.
    ...(/^[^/?#@\s]+:\d{1,5}(\/|$)/.test(trimmed) ? [`ws://${trimmed}`] : []),
  ];
  return candidates.find((candidate) => candidate !== text && isServerUrl(candidate));
}
