/**
 * What a connection may do, by what its credential says: look at processes, also type into them and end them, or everything.
 * Each may do what those before it may.
 */
export const roles = ["view", "control", "full"] as const;

export type Role = (typeof roles)[number];

/** Whether a role may do what needs another one. */
export function covers(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** Whether a text names a role. */
export function isRole(text: unknown): text is Role {
  return (roles as readonly unknown[]).includes(text);
}
