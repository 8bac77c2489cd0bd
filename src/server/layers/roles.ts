import { invalidRequest } from "../../protocol/errors.ts";
import { covers, type Role } from "../../protocol/roles.ts";
import type { Layer } from "../dispatcher.ts";

/** Refuses what the connection's credential does not allow. */
export function rolesLayer(role: Role): Layer {
  return ({ name, method }, next) => {
    const needed = method.role ?? "full";
    if (!covers(role, needed)) {
      throw invalidRequest(`${name} needs the role ${needed}; the token of this connection gives ${role}`);
    }
    return next();
  };
}
