/**
 * The part of the library that needs nothing but the web platform: the protocol, the client, and processes of a server.
 * It runs in a browser too.
 *
 * @module
 */

export { type AttachedProcess, ExecServerClient, type TcpProcess } from "./src/client/client.ts";
export type { ClientOptions, StartOptions } from "./src/client/client_options.ts";
export type { NetworkAnswer, NetworkDecider, NetworkQuestion } from "./src/client/network_deciders.ts";
export type { ConnectionState } from "./src/client/connection_state.ts";
export { type CallOptions, TimeoutError, TimeoutError as CallTimeoutError } from "./src/client/call.ts";
export type { HeartbeatOptions } from "./src/client/heartbeat.ts";
export { RemoteProcess, type RemoteProcessOptions } from "./src/client/remote_process.ts";
export {
  ConnectionError,
  type ConnectionErrorOptions,
  type ConnectOptions,
  type Connector,
  InterruptedCallError,
  type Transport,
  type TransportHandlers,
} from "./src/transport/transport.ts";
export {
  standardWebSocketConnector as webSocketConnector,
  type StandardWebSocketOptions as WebSocketOptions,
} from "./src/transport/standard_web_socket_transport.ts";
export { type ServerPipes, stdioConnector } from "./src/transport/stdio_transport.ts";

export type {
  ExecBackend,
  ExecProcess,
  ProcessOutput,
  ScreenRequest,
  StartRequest,
  WriteStatus,
} from "./src/machine/exec_backend.ts";
export type {
  ExecDecider,
  ExecDecision,
  ExecPolicyRequest,
  ExecQuestion,
  ExecReply,
} from "./src/machine/exec_policy_request.ts";
export type { NetworkDecision, NetworkRequest } from "./src/machine/network_request.ts";
export type { SandboxRequest } from "./src/machine/sandbox_request.ts";
export type { DescriptorRequest } from "./src/machine/descriptors_request.ts";
export type { ProcessDescriptor } from "./src/machine/process_descriptor.ts";
export type * from "./src/machine/file_system.ts";
export type * from "./src/machine/http_client.ts";
export type { ProcessEnd } from "./src/machine/process_end.ts";
export { Machine } from "./src/machine/machine.ts";
export type { ConnectTcpOptions, TcpStream } from "./src/machine/tcp_stream.ts";
export { NotFoundError, PermissionError, ServerError } from "./src/machine/machine_error.ts";
export { CommandError, type CommandResult } from "./src/machine/run/command_result.ts";
export type { Command, CommandInput, RunOptions } from "./src/machine/run/run_options.ts";
export { RunningCommand } from "./src/machine/run/running_command.ts";
export { connect, type ConnectOptions as MachineOptions } from "./src/machine/remote/remote_machine.ts";
export type { MachineInfo } from "./src/machine/machine_info.ts";
export type * from "./src/usage/machine_usage.ts";
export { type McpMessage, McpServerExitError } from "./src/mcp/mcp_message.ts";
export { type McpExecOptions, McpExecTransport, type McpServerCommand } from "./src/mcp/mcp_transport.ts";
export { KeyboardTakenError } from "./src/machine/keyboard_taken_error.ts";
export type * from "./src/machine/shared_process.ts";
export { RemoteBackend } from "./src/machine/remote/remote_backend.ts";
export {
  UnifiedExecProcess,
  type UnifiedProcessOptions,
  type WaitEnd,
  type WaitOptions,
  type WriteOutcome,
} from "./src/collect/unified_process.ts";
export { RemoteFileSystem } from "./src/machine/remote/remote_file_system.ts";
export { RemoteHttpClient } from "./src/machine/remote/remote_http_client.ts";

export { type EventsOptions, LogCursor } from "./src/log/log_cursor.ts";
export type { LogReadOptions, LogSlice, OutputLog } from "./src/log/output_log.ts";
export type {
  ClosedEvent,
  ExitedEvent,
  LogEvent,
  OutputEvent,
  ProcessEvent,
  ProcessState,
} from "./src/log/process_event.ts";
export type { ProcessReadOptions } from "./src/log/wait_and_read.ts";

export { Base64Error, decodeBase64, encodeBase64 } from "./src/protocol/base64.ts";
export { type ErrorCode, errorCodes, RpcError } from "./src/protocol/errors.ts";
export { ForeignPathError, formatFileUri, parseFileUri, type PlatformOs } from "./src/protocol/file_uri.ts";
export type { ProcessId, SessionId } from "./src/protocol/ids.ts";
export {
  type MethodDefinition,
  type MethodFamily,
  type MethodName,
  methods,
  type NotificationName,
  type NotificationOf,
  notifications,
  type NotificationSent,
  type ParamsOf,
  type ParamsSent,
  type ResultOf,
  type ResultSent,
} from "./src/protocol/methods.ts";
export type { EnvPolicy, OutputStream, SignalName, TerminalSize } from "./src/protocol/schemas/process.ts";
export type { EnvironmentInfo } from "./src/protocol/schemas/session.ts";
export { version } from "./src/version.ts";
