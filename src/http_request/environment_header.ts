import { invalid } from "../native/operation_error.ts";

/** Variables of this machine, by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Credentials of the program and its cloud accounts: a client may use the machine's other variables as header
 * values, these never. The reference server's list, compared without case.
 */
const protectedNames = new Set([
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AZURE_CLIENT_SECRET",
  "AZURE_FEDERATED_TOKEN_FILE",
  "CODEX_ACCESS_TOKEN",
  "CODEX_API_KEY",
  "CODEX_CONNECTORS_TOKEN",
  "CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN",
  "CODEX_GUARDIAN_DECISIONS_API_KEY",
  "GOOGLE_APPLICATION_CREDENTIALS",
  "OPENAI_API_KEY",
  "OPENAI_FEDERATION_RULE_ID",
  "OPENAI_IDENTITY_TOKEN_FILE",
  "OPENAI_WORKLOAD_IDENTITY_CONTEXT",
]);

/**
 * The value of a variable that a header asks for.
 *
 * @throws {OperationError} INVALID when it is protected, unset or empty
 */
export function environmentHeaderValue(header: string, variable: string, environment: Variables): string {
  if (protectedNames.has(variable.toUpperCase())) {
    throw invalid(`http/request header ${header} cannot use executor environment variable ${variable}`);
  }
  // A runtime throws for a name that no variable can have.
  const value = /^[^=\0]+$/.test(variable) ? environment[variable] : undefined;
  if (value === undefined) {
    throw invalid(`http/request header ${header} requires executor environment variable ${variable}`);
  }
  if (value === "") {
    throw invalid(
      `http/request header ${header} requires a non-empty executor environment variable ${variable}`,
    );
  }
  return value;
}
