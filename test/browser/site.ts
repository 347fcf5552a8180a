/** The site of the test: a page, the packages as they are built, and the service worker. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const IMPORTS = {
  "@rocket-chat-api/client": "/client/index.js",
  "@rocket-chat-api/client/push": "/client/push.js",
};
/** An app, which the browser can install. */
const PAGE = `<!doctype html><html lang="en"><title>Chat</title><link rel="icon" href="/icon.png">
<link rel="manifest" href="/manifest.json"><script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module" src="/page.js"></script><p>Chat`;
/** A page of the same site without the app in it. */
const EMPTY = `<!doctype html><html lang="en"><title>Sign in</title><link rel="icon" href="/icon.png"><p>Sign in`;
const MANIFEST = {
  ...{ id: "/", name: "Chat", start_url: "/", display: "standalone" },
  icons: [{ src: "/icon.png", sizes: "144x144", type: "image/png" }],
};
/** A worker of an app's own, as a module. */
const OWN_WORKER = `import { listenForPush } from "/client/push-worker.js";
listenForPush(self, { title: "From my own worker" });`;

export class Site {
  readonly origin: string;
  readonly #server: Server;
  readonly #folder: string;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Builds the packages and serves them. */
  static async open(): Promise<Site> {
    const folder = mkdtempSync(join(tmpdir(), "rocket-chat-site-"));
    execFileSync(process.execPath, [at("../../packages/build/build.ts"), "--out", folder], { stdio: "pipe" });
    const client = (name: string) => readFileSync(join(folder, "client", name), "utf8");
    const page = stripTypeScriptTypes(readFileSync(at("page.ts"), "utf8"));
    const script = "text/javascript";
    const files: Record<string, [type: string, content: string | Buffer]> = {
      "/page.js": [script, page],
      "/service-worker.js": [script, client("service-worker.js")],
      "/own/worker.js": [script, OWN_WORKER],
      "/manifest.json": ["application/manifest+json", JSON.stringify(MANIFEST)],
      "/icon.png": ["image/png", readFileSync(at("icon.png"))],
      "/api/v1/sync": [
        "application/json",
        JSON.stringify({ conversations: [], removed_conversation_ids: [], next_token: "t", has_more: false }),
      ],
      "/sign-in": ["text/html", EMPTY],
    };
    for (const name of ["index.js", "push.js", "push-worker.js"])
      files[`/client/${name}`] = [script, client(name)];
    const server = createServer(({ url = "" }, response) => {
      const [type, content] = files[new URL(url, "http://site").pathname] ?? ["text/html", PAGE];
      response.setHeader("content-type", type).end(content);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Site(server, folder);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
