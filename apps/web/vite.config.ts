/** How the chat page is built: into public/, from where the platform serves it at `/`. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { emojiData } from "./emoji-data.ts";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at("."),
  publicDir: at("public"),
  plugins: [emojiData()],
  build: {
    outDir: at("../../public"),
    // public/ has more than the page; scripts/assets.ts clears what an earlier build left.
    emptyOutDir: false,
    assetsDir: "assets",
    // The content security policy allows files of this host alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // For the check of sizes (test/tools/page.test.ts); the platform does not serve it.
    manifest: ".page-manifest.json",
    rolldownOptions: {
      onLog(level, log, forward) {
        // "use client" is for frameworks that render on a server.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") forward(level, log);
      },
    },
    target: "es2022",
    // `light-dark()` stays as it is.
    cssTarget: ["chrome123", "safari17.5", "firefox128"],
  },
  // `npx vite apps/web` shows changes at once, beside a running `npm run dev`.
  server: {
    proxy: Object.fromEntries(
      ["/api", "/health", "/development", "/config.json", "/cdn-cgi"].map((path) => [
        path,
        "http://localhost:8787",
      ]),
    ),
  },
});
