import type { MethodName } from "../../protocol/methods.ts";
import { type ConnectionDomain, connectionHandlers } from "./connection.ts";
import { type ConsoleDomain, consoleHandlers } from "./console.ts";
import { type EnvironmentDomain, environmentHandlers } from "./environment.ts";
import { type FileSystemDomain, fileSystemHandlers } from "./file_system.ts";
import type { Handlers } from "./handler.ts";
import { httpHandlers } from "./http.ts";
import { type MachineDomain, machineHandlers } from "./machine.ts";
import { type ProcessDomain, processHandlers } from "./process.ts";
import { type RecordingDomain, recordingHandlers } from "./recording.ts";
import { screenHandlers } from "./screen.ts";
import { type SharingDomain, sharingHandlers } from "./sharing.ts";
import { type TcpDomain, tcpHandlers } from "./tcp.ts";

/** What all handlers of a connection need together; each is given no more than its own part. */
export type Domains =
  & ConnectionDomain
  & ConsoleDomain
  & EnvironmentDomain
  & FileSystemDomain
  & MachineDomain
  & ProcessDomain
  & RecordingDomain
  & SharingDomain
  & TcpDomain
  & Parameters<typeof httpHandlers>[0];

/** Every method but the handshake, which a connection does itself. The type holds the list complete. */
export function createHandlers(domains: Domains): Handlers<Exclude<MethodName, "initialize">> {
  return {
    ...connectionHandlers(domains),
    ...consoleHandlers(domains),
    ...environmentHandlers(domains),
    ...fileSystemHandlers(domains),
    ...httpHandlers(domains),
    ...machineHandlers(domains),
    ...processHandlers(domains),
    ...recordingHandlers(domains),
    ...screenHandlers(domains),
    ...sharingHandlers(domains),
    ...tcpHandlers(domains),
  };
}
