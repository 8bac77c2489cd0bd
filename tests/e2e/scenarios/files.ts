/** Patches, pictures, and what the CLI looks for in a project. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { applyPatch, execCommand, viewImage } from "../mock_model.ts";
import { png } from "../png.ts";
import type { Scenario, Scene } from "../scenario.ts";

export const files: Scenario[] = [
  {
    name: "a patch that adds, updates, moves and deletes files",
    surface: "files",
    prepare: (scene) =>
      write(scene, {
        "update.txt": "one\ntwo\n",
        "move.txt": "here\n",
        "delete.txt": "gone\n",
        "dir/kept.txt": "",
      }),
    script: () => [
      [applyPatch(
        "patch",
        "*** Add File: new dir/a/fünf.txt",
        "+five",
        "*** Update File: update.txt",
        "@@",
        " one",
        "-two",
        "+zwei",
        "*** Update File: move.txt",
        "*** Move to: moved/there.txt",
        "@@",
        "-here",
        "+there",
        "*** Delete File: delete.txt",
      )],
      [applyPatch(
        "again",
        "*** Add File: dir/b.txt",
        "+b",
        "*** Update File: update.txt",
        "@@",
        " one",
        "+.",
      )],
      [execCommand("see", "cat 'new dir/a/fünf.txt' update.txt moved/there.txt dir/b.txt")],
    ],
    async check(run, { directory }) {
      assert.match(run.output("patch"), /Success\. Updated the following files:/);
      assert.match(run.output("again"), /Success\. Updated the following files:/);
      assert.equal(run.command("see").output, "five\none\n.\nzwei\nthere\nb\n");
      const tree = (await readdir(directory, { recursive: true })).sort();
      assert.deepEqual(tree, [
        "dir",
        "dir/b.txt",
        "dir/kept.txt",
        "moved",
        "moved/there.txt",
        "new dir",
        "new dir/a",
        "new dir/a/fünf.txt",
        "update.txt",
      ]);
    },
  },
  {
    name: "patches that do not fit change nothing",
    surface: "files",
    prepare: (scene) => write(scene, { "a.txt": "one\n" }),
    script: () => [
      [applyPatch(
        "context",
        "*** Add File: new.txt",
        "+new",
        "*** Update File: a.txt",
        "@@",
        "-two",
        "+three",
      )],
      [applyPatch("absent", "*** Add File: new.txt", "+new", "*** Delete File: absent.txt")],
      [applyPatch("updates", "*** Update File: absent/a.txt", "@@", "-two", "+three")],
    ],
    async check(run, { directory }) {
      assert.match(run.output("context"), /^apply_patch verification failed: Failed to find expected lines/);
      assert.match(run.output("absent"), /^apply_patch verification failed: .*No such file or directory/);
      assert.match(run.output("updates"), /^apply_patch verification failed: .*No such file or directory/);
      assert.deepEqual(await readdir(directory), ["a.txt"]);
      assert.equal(await readFile(join(directory, "a.txt"), "utf8"), "one\n");
    },
  },
  {
    name: "a look at a small picture, and at one that is not there",
    surface: "files",
    prepare: (scene) => write(scene, { "small.png": png(3, 2) }),
    script: ({ directory }) => [
      [viewImage("small", `${directory}/small.png`)],
      [viewImage("absent", `${directory}/absent.png`)],
    ],
    check(run) {
      assert.equal(pictureUrl(run.output("small")), `data:image/png;base64,${png(3, 2).toBase64()}`);
      assert.match(run.output("absent"), /^unable to locate image at .*No such file or directory/);
    },
  },
  {
    name: "a look at a picture of 14 MB",
    surface: "files",
    inFragments: true,
    prepare: (scene) => write(scene, { "large.png": png(2200, 2200, { compression: 0 }) }),
    script: ({ directory }) => [
      [viewImage("large", `${directory}/large.png`)],
      [execCommand("after", "wc -c < large.png")],
    ],
    check(run) {
      // The CLI scales it down; that it could is what matters.
      assert.match(pictureUrl(run.output("large")), /^data:image\/png;base64,iVBORw0KGgo/);
      assert.equal(run.command("after").output, "14524478\n");
    },
    exception: {
      reason: "The original sends the picture in one frame of more than 16 MiB, which its own client refuses",
      tells: "something else",
      check: (run) => assert.match(run.output("large"), /exec-server transport|file is too large to read/),
    },
  },
  {
    name: "AGENTS.md and skills of a git project, from a directory within it",
    surface: "files",
    workingDirectory: "inner/most",
    async prepare(scene) {
      await write(scene, {
        "AGENTS.md": "Speak of the outer whale.\n",
        "inner/AGENTS.md": "This one is hidden.\n",
        "inner/AGENTS.override.md": "Speak of the inner whale.\n",
        "inner/most/AGENTS.md": "Speak of the inmost whale.\n",
        ".agents/skills/knot/SKILL.md": "---\nname: knot\ndescription: Ties a bowline\n---\nTie it.\n",
      });
      const { success } = await new Deno.Command("git", { args: ["init", "--quiet"], cwd: scene.directory })
        .output();
      assert.ok(success);
    },
    script: () => [[execCommand("git", "git rev-parse --show-prefix; git status --short")]],
    check(run) {
      const first = JSON.stringify(run.requests[0]!.input);
      assert.match(first, /outer whale.*inner whale.*inmost whale/);
      assert.doesNotMatch(first, /This one is hidden/);
      assert.match(first, /knot: Ties a bowline/);
      assert.equal(run.command("git").output, "inner/most/\n?? ../../.agents/\n?? ../../AGENTS.md\n?? ../\n");
    },
  },
  {
    name: "AGENTS.md of a directory without a project",
    surface: "files",
    // In /tmp a sandbox, whoever's, makes a `.git` for as long as it stands: that would be a project.
    parent: "/var/tmp",
    workingDirectory: "alone",
    prepare: (scene) =>
      write(scene, { "AGENTS.md": "Above the root.\n", "alone/AGENTS.md": "Speak of squid.\n" }),
    script: () => [[execCommand("see", "ls -A")]],
    check(run) {
      const first = JSON.stringify(run.requests[0]!.input);
      assert.match(first, /Speak of squid/);
      assert.doesNotMatch(first, /Above the root/);
      assert.equal(run.command("see").output, "AGENTS.md\n");
    },
  },
];

/** The `data:` URL under which the model is shown a picture. */
function pictureUrl(answer: string): string {
  const url = /"image_url":"([^"]*)"/.exec(answer)?.[1];
  assert.ok(url, `Not a picture: "${answer}"`);
  return url;
}

async function write({ directory }: Scene, contents: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(contents)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}
