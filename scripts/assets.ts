/**
 * Brings what the platform serves as files into public/: the library of the reference page, from its package, the chat page
 * (apps/web) with its settings, and the headers of all of them.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readArguments } from "./arguments.ts";
import { headersFile, parsePageSettings } from "./page-headers.ts";

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const PUBLIC = at("public");

readArguments({
  usage: `
Usage: npm run assets

Fills public/: the library of the reference page, the chat page, and the headers of both. page.json has the settings of the
chat page (docs/page.md); "enabled": false leaves it out.
`,
});

mkdirSync(`${PUBLIC}/docs`, { recursive: true });
copyFileSync(
  at("node_modules/@scalar/api-reference/dist/browser/standalone.js"),
  `${PUBLIC}/docs/reference.js`,
);

const settings = parsePageSettings(readFileSync(at("page.json"), "utf8"));
for (const left of [
  ...["assets", "index.html", "icon.svg", "manifest.webmanifest", "config.json"],
  ...["service-worker.js", ".page-manifest.json"],
])
  rmSync(`${PUBLIC}/${left}`, { recursive: true, force: true });
if (settings.enabled) await buildPage();
writeFileSync(`${PUBLIC}/_headers`, headersFile(settings));

/** The page, its worker and its settings. */
async function buildPage(): Promise<void> {
  // Loaded here, so that a deployment without the page needs none of it.
  const { build } = await import("vite");
  await build({ configFile: at("apps/web/vite.config.ts"), logLevel: "warn" });
  const files = readdirSync(`${PUBLIC}/assets`).filter((name) => /\.(?:js|css)$/.test(name));
  // A worker is one plain script: browsers that have no modules in workers are still about.
  await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    define: { SHELL_FILES: JSON.stringify(files.sort().map((name) => `/assets/${name}`)) },
    build: {
      outDir: PUBLIC,
      emptyOutDir: false,
      target: "es2022",
      lib: {
        entry: at("apps/web/src/worker/service-worker.ts"),
        formats: ["iife"],
        name: "chatWorker",
        fileName: () => "service-worker.js",
      },
    },
  });
  const { api, token_endpoint, parent_origins } = settings;
  writeFileSync(`${PUBLIC}/config.json`, JSON.stringify({ api, token_endpoint, parent_origins }));
}
