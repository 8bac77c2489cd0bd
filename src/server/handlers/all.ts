import type { MethodName } from "../../protocol/methods.ts";
import { environmentHandlers } from "./environment.ts";
import { fileSystemHandlers } from "./file_system.ts";
import type { Handlers } from "./handler.ts";
import { httpHandlers } from "./http.ts";
import { processHandlers } from "./process.ts";
import { screenHandlers } from "./screen.ts";

/** Every method but the handshake, which a connection does itself. The type holds the list complete. */
export const handlers: Handlers<Exclude<MethodName, "initialize">> = {
  ...environmentHandlers,
  ...fileSystemHandlers,
  ...httpHandlers,
  ...processHandlers,
  ...screenHandlers,
};
