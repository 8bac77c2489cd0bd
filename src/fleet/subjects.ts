/**
 * The subjects of the broker. A group, a name, an instance and a client are one token each, since the broker's rights
 * match whole tokens.
 *
 *     exec.h.GROUP.NAME.open               opens a carrier to a host; answered
 *     exec.h.GROUP.NAME.admin              asks a host to drain; answered
 *     exec.h.GROUP.NAME.who                asks a host of this name whether it is there; answered
 *     exec.h.GROUP.NAME.reply.>            what a host itself is answered
 *     exec.h.GROUP.NAME.INSTANCE.c.CARRIER frames to a host
 *     exec.i.CLIENT.CARRIER                frames to a client
 *     exec.discover.GROUP                  asks all hosts of a group, or of all (`_all`), who they are; answered
 *     exec.a.GROUP.NAME                    what a host tells of itself unasked
 */
export const subjects = {
  ofHost: (group: string, name: string) => `exec.h.${group}.${name}`,
  open: (group: string, name: string) => `exec.h.${group}.${name}.open`,
  admin: (group: string, name: string) => `exec.h.${group}.${name}.admin`,
  carriers: (group: string, name: string, instance: string) => `exec.h.${group}.${name}.${instance}.c`,
  inboxes: (client: string) => `exec.i.${client}`,
  discover: (group: string | undefined) => `exec.discover.${group ?? allGroups}`,
  announcement: (group: string, name: string) => `exec.a.${group}.${name}`,
} as const;

/** Stands for every group where hosts are asked who they are. */
export const allGroups = "_all";
