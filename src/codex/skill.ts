import * as v from "valibot";
import { parseDocument } from "yaml";
import { SKILL_NAME_CHARS, SKILL_TEXT_CHARS, SKILL_YAML_CHARS } from "../limits.ts";
import type { Skill } from "../protocol/schemas/capability_discovery.ts";
import { checkKeys, parseFrontMatter, yamlOptions } from "./front_matter.ts";

/** What a skill's files say of it; its path is known to whoever read them. */
export type SkillDescription = Omit<Skill, "path">;

/**
 * A skill as its `SKILL.md` describes it, and `agents/openai.yaml` beside it where there is one.
 *
 * @param directoryName the name it has where it gives itself none
 * @throws {SyntaxError} that says what is wrong with `SKILL.md`
 */
export function describeSkill(
  instructions: string,
  metadata: string | undefined,
  directoryName: string,
): SkillDescription {
  const front = parseFrontMatter(instructions);
  const name = oneLine(front.name) ?? directoryName;
  const description = oneLine(front.description);
  if ([...name].length > SKILL_NAME_CHARS) {
    throw new SyntaxError(`has a name of more than ${SKILL_NAME_CHARS} characters`);
  }
  if (description === undefined) throw new SyntaxError("has no description");
  return {
    name,
    description,
    shortDescription: oneLine(front.shortDescription) ?? null,
    ...readMetadata(metadata),
  };
}

const text = v.nullish(v.string());

const metadataFile = v.object({
  dependencies: v.nullish(v.object({
    tools: v.nullish(v.array(v.object({
      type: text,
      value: text,
      description: text,
      transport: text,
      command: text,
      url: text,
      oauth: v.nullish(
        v.object({ callback_port: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))) }),
      ),
    }))),
  })),
  policy: v.nullish(v.object({
    allow_implicit_invocation: v.nullish(v.boolean()),
    products: v.nullish(
      v.array(v.pipe(v.string(), v.toLowerCase(), v.picklist(["chatgpt", "codex", "atlas"]))),
    ),
  })),
});

/** A file that is not what it should be says nothing: the skill works without it. */
function readMetadata(yaml: string | undefined): Pick<Skill, "dependencies" | "policy"> {
  const decoded = v.safeParse(metadataFile, parseYaml(yaml ?? ""));
  if (!decoded.success) return { dependencies: null, policy: null };
  const { dependencies, policy } = decoded.output;
  const tools = (dependencies?.tools ?? []).flatMap((tool) => {
    const type = oneLine(tool.type, SKILL_NAME_CHARS);
    const value = oneLine(tool.value, SKILL_TEXT_CHARS);
    if (type === undefined || value === undefined) return [];
    return [{
      type,
      value,
      description: oneLine(tool.description, SKILL_TEXT_CHARS) ?? null,
      transport: oneLine(tool.transport, SKILL_NAME_CHARS) ?? null,
      command: oneLine(tool.command, SKILL_TEXT_CHARS) ?? null,
      url: oneLine(tool.url, SKILL_TEXT_CHARS) ?? null,
      oauthCallbackPort: tool.oauth?.callback_port ?? null,
    }];
  });
  return {
    dependencies: tools.length === 0 ? null : { tools },
    policy: policy
      ? { allowImplicitInvocation: policy.allow_implicit_invocation ?? null, products: policy.products ?? [] }
      : null,
  };
}

function parseYaml(yaml: string): unknown {
  if (yaml.length > SKILL_YAML_CHARS) return undefined;
  try {
    const document = checkKeys(parseDocument(yaml, yamlOptions));
    return document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}

/** A text with its blanks and line ends made single blanks, or undefined where nothing, or too much, is left. */
function oneLine(value: string | null | undefined, maxChars = Infinity): string | undefined {
  const line = value?.trim().replace(/\s+/g, " ");
  return line === undefined || line === "" || [...line].length > maxChars ? undefined : line;
}
