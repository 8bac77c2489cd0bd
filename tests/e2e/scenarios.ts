/** Everything the real Codex CLI is put through, one turn each. */
import type { Scenario } from "./scenario.ts";
import { commands } from "./scenarios/commands.ts";
import { files } from "./scenarios/files.ts";
import { lostConnections } from "./scenarios/lost_connections.ts";
import { mcpServers } from "./scenarios/mcp.ts";
import { sandboxes } from "./scenarios/sandboxes.ts";
import { terminals } from "./scenarios/terminals.ts";

export const scenarios: readonly Scenario[] = [
  ...commands,
  ...lostConnections,
  ...terminals,
  ...files,
  ...mcpServers,
  ...sandboxes,
];
