import { subjects } from "./subjects.ts";

/** What somebody may send to, and listen to; the broker holds it. */
export interface Rights {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** Whether it may answer what it is asked. */
  readonly answers: boolean;
}

/** A host is asked under its own name only, and reaches clients' inboxes but cannot read them. */
export function hostRights(group: string, name: string): Rights {
  const own = subjects.ofHost(group, name);
  return {
    publish: ["exec.i.*.>", subjects.announcement(group, name), `${own}.>`],
    subscribe: [`${own}.>`, "exec.discover.>"],
    answers: true,
  };
}

/**
 * A client reaches some hosts, and reads its own inbox.
 *
 * @param hosts each `GROUP/NAME`, with `*` for any
 */
export function clientRights(client: string, hosts: readonly string[], admin: boolean): Rights {
  const reached = hosts.map((host) => {
    const [group, name] = host.split("/") as [string, string];
    return { group, name };
  });
  return {
    publish: [
      "exec.discover.>",
      ...reached.flatMap(({ group, name }) => [
        subjects.open(group, name),
        `${subjects.carriers(group, name, "*")}.*`,
        ...(admin ? [subjects.admin(group, name)] : []),
      ]),
    ],
    subscribe: [`${subjects.inboxes(client)}.>`, "exec.a.>"],
    answers: false,
  };
}
