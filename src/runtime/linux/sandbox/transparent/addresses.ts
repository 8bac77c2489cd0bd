/** Addresses and ports in the network of a process that is caught whatever it connects to: the reference server's. */

/** What it is itself. */
export const own = { ipv4: "192.0.2.1", ipv6: "2001:db8::1" } as const;
/** Where it asks for names. */
export const nameServer = { address: "127.0.0.53", port: 53 } as const;
/** Where its connections end. Nobody else listens there, beyond those ports that are given to whoever asks for none. */
export const caughtPort = 61_084;
/** Stands for no name, and is asked about for nobody: whoever can connect to it has a network that works. */
export const probe = { ipv4: "198.18.0.0", ipv6: "fdc0:de00::", port: 1 } as const;
