import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { startServer } from "../support/server_process.ts";
import { bun, root } from "../../scripts/places.ts";
import { Project, run } from "./installed.ts";

/** Path of a Chromium to run the page in. */
const browser = Deno.env.get("EXEC_SERVER_BROWSER");

const expected = {
  output: "out\n",
  exitCode: 3,
  echoed: { length: 2_000_003, wrong: 0 },
  matched: "pattern",
  killed: 137,
  read: "grüße",
  afterwards: "ConnectionError",
  programs: ["page\n", 4, "1,2,3", "ETIMEDOUT", "grüße", "ENOTSUP"],
};

Deno.test("the package's client runs with nothing but the web platform", async (test) => {
  await using project = await Project.library();
  const bundle = await bundlePage(project);

  await test.step("its bundle for browsers imports nothing", async () => {
    const code = await Deno.readTextFile(bundle);
    assert.ok(code.length > 10_000);
    assert.deepEqual(
      code.match(/["'](node|bun):[^"']*["']|\brequire\(|\bimport\(|\bprocess\.(env|platform)/g),
      null,
    );
  });

  await test.step("what is imported and not used adds nothing to a bundle", async () => {
    for (const name of ["exec-server", "exec-server/client"]) {
      await project.write("unused.mjs", `import { connect } from "${name}"; console.log(1);`);
      const flags = ["--target=browser", "--minify", "--outfile=unused.js"];
      await run(bun, ["build", "unused.mjs", ...flags], { cwd: project.path });
      assert.ok((await Deno.stat(join(project.path, "unused.js"))).size < 2_000);
    }
  });

  await test.step("it runs in a context without anything of a runtime", async () => {
    await using server = await startServer();
    await Deno.copyFile(join(root, "tests/package/bare_context.mjs"), join(project.path, "bare_context.mjs"));
    const text = await run("node", ["bare_context.mjs", bundle, server.url], { cwd: project.path });
    assert.deepEqual(JSON.parse(text), expected);
  });

  await test.step({
    name: "it runs in a browser",
    ignore: browser === undefined,
    fn: async () => assert.deepEqual(JSON.parse(await runInBrowser(browser!, bundle)), expected),
  });
});

async function bundlePage(project: Project): Promise<string> {
  await Deno.copyFile(join(root, "tests/package/page.mjs"), join(project.path, "page.mjs"));
  const flags = ["--target=browser", "--format=iife", "--outfile=bundle.js"];
  await run(bun, ["build", "page.mjs", ...flags], { cwd: project.path });
  return join(project.path, "bundle.js");
}

/** Runs the bundle in a page. @returns the text that the page sends back */
async function runInBrowser(browser: string, bundle: string): Promise<string> {
  const result = Promise.withResolvers<string>();
  await using site = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    switch (new URL(request.url).pathname) {
      case "/bundle.js":
        return new Response(await Deno.readFile(bundle), {
          headers: { "content-type": "text/javascript; charset=utf-8" },
        });
      case "/result":
        result.resolve(await request.text());
        return new Response();
      default:
        return new Response(page(server.url), { headers: { "content-type": "text/html" } });
    }
  });
  const origin = `http://127.0.0.1:${site.addr.port}`;
  await using server = await startServer({ args: ["--allow-origin", origin] });
  // For its temporary files, too, which it leaves behind when it is killed.
  const folder = await Deno.makeTempDir();
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${join(folder, "profile")}`];
  const child = new Deno.Command(browser, {
    args: [...flags, origin],
    env: { TMPDIR: folder },
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.status.then(({ code }) => result.reject(new Error(`The browser ended with ${code}`)));
  try {
    return await result.promise;
  } finally {
    child.kill();
    await child.status;
    // Its helpers end a little later, and write until then.
    await rm(folder, { recursive: true, maxRetries: 20, retryDelay: 100 });
  }
}

function page(url: string): string {
  return `<!doctype html><script>
    globalThis.execServerUrl = ${JSON.stringify(url)};
    const send = (body) => fetch("/result", { method: "POST", body });
    addEventListener("error", ({ message }) => send(message));
  </script><script src="/bundle.js"></script><script>
    execServerPage.then((result) => send(JSON.stringify(result)), (error) => send(String(error?.stack ?? error)));
  </script>`;
}
