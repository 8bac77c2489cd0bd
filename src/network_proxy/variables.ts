/** The variables that tell programs of a proxy. */

const httpNames = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "WS_PROXY",
  "WSS_PROXY",
  "http_proxy",
  "https_proxy",
  "ws_proxy",
  "wss_proxy",
  "BUNDLE_HTTP_PROXY",
  "BUNDLE_HTTPS_PROXY",
  "DOCKER_HTTP_PROXY",
  "DOCKER_HTTPS_PROXY",
  "NPM_CONFIG_HTTP_PROXY",
  "NPM_CONFIG_HTTPS_PROXY",
  "NPM_CONFIG_PROXY",
  "npm_config_http_proxy",
  "npm_config_https_proxy",
  "npm_config_proxy",
  "PIP_PROXY",
  "YARN_HTTP_PROXY",
  "YARN_HTTPS_PROXY",
];
const anyNames = ["ALL_PROXY", "FTP_PROXY", "all_proxy", "ftp_proxy"];
const directNames = ["NO_PROXY", "no_proxy", "BUNDLE_NO_PROXY", "NPM_CONFIG_NOPROXY", "npm_config_noproxy"];

/** What is reached without a proxy where the machine and its neighbours may be reached. */
const localNetworks = "localhost,127.0.0.1,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16";

/** Where a proxy listens on the loopback address. */
export interface ProxyPorts {
  readonly http: number;
  /** Undefined where it speaks no SOCKS. */
  readonly socks?: number | undefined;
}

/** The variables of a process whose proxy listens there, as in the reference server. */
export function proxyVariables({ http, socks }: ProxyPorts, allowsLocal: boolean): Record<string, string> {
  const httpUrl = `http://127.0.0.1:${http}`;
  const anyUrl = socks === undefined ? httpUrl : `socks5h://127.0.0.1:${socks}`;
  const all = (names: readonly string[], value: string) => names.map((name) => [name, value]);
  return Object.fromEntries([
    ...all(httpNames, httpUrl),
    ...all(anyNames, anyUrl),
    ...all(directNames, allowsLocal ? localNetworks : ""),
    ["ELECTRON_GET_USE_PROXY", "true"],
    ["NODE_USE_ENV_PROXY", "1"],
    ["CODEX_NETWORK_PROXY_ACTIVE", "1"],
    ["CODEX_NETWORK_ALLOW_LOCAL_BINDING", allowsLocal ? "1" : "0"],
  ]);
}

/** Every variable that may name a proxy. */
export const proxyNames: readonly string[] = [...httpNames, ...anyNames];
