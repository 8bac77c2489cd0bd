import { isTable, type TomlTable, type TomlValue } from "./toml.ts";

const sandboxModes = ["read-only", "workspace-write", "danger-full-access"];
const approvalPolicies = ["untrusted", "on-failure", "on-request", "never"];
const granularDefaults = {
  sandbox_approval: false,
  rules: false,
  skill_approval: false,
  request_permissions: false,
  mcp_elicitations: false,
};

/**
 * What the settings in an administrator's `managed_config.toml` require: before there were requirements files, such
 * a setting was the only one allowed.
 *
 * @throws {TypeError} for a setting that has no such meaning: a restriction must not be lost by a slip
 */
export function legacyRequirements(managed: TomlTable): TomlTable {
  const requirements: TomlTable = {};
  const { approval_policy: approval, approvals_reviewer: reviewer, sandbox_mode: sandbox } = managed;
  if (approval !== undefined) requirements["allowed_approval_policies"] = [allowedPolicy(approval)];
  if (reviewer !== undefined) requirements["allowed_approvals_reviewers"] = [reviewer];
  if (sandbox !== undefined) {
    if (!sandboxModes.includes(String(sandbox))) throw unknownSetting("sandbox_mode", sandbox, sandboxModes);
    requirements["allowed_sandbox_modes"] = sandbox === "read-only" ? [sandbox] : ["read-only", sandbox];
  }
  return requirements;
}

function allowedPolicy(policy: TomlValue): TomlValue {
  const granular = isTable(policy) ? policy["granular"] : undefined;
  if (isTable(granular)) return { granular: { ...granularDefaults, ...granular } };
  if (!approvalPolicies.includes(String(policy))) {
    throw unknownSetting("approval_policy", policy, approvalPolicies);
  }
  return policy === "on-failure" ? "on-request" : policy;
}

function unknownSetting(name: string, value: unknown, known: readonly string[]): TypeError {
  return new TypeError(`unknown ${name} "${value}", expected one of ${known.join(", ")}`);
}
