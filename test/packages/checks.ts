/** What is tried in each project. Each check throws with what is wrong. */
import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { ROOT } from "../../scripts/tools.ts";
import type { Project, Ran } from "./project.ts";

const PROGRAMS = join(ROOT, "test/packages/programs");

/** Asserts that a program ended well and printed these lines last. */
function endsWith({ status, output }: Ran, ...lines: string[]): void {
  assert.equal(status, 0, output);
  assert.deepEqual(output.trim().split("\n").slice(-lines.length), lines, output);
}

/** Copies examples/react without what belongs to the repository. */
export function copyExample(project: Project): void {
  const example = join(ROOT, "examples/react");
  for (const file of ["src", "index.html", "vite.config.ts", "tsconfig.json"])
    cpSync(join(example, file), join(project.folder, file), { recursive: true });
  // Of Vite the app needs two declarations: with its own, `skipLibCheck: false` would check Vite, not the packages.
  project.write("src/vite.d.ts", VITE_TYPES);
  const config = JSON.parse(readFileSync(join(example, "tsconfig.json"), "utf8"));
  const compilerOptions = { ...config.compilerOptions, types: [], allowImportingTsExtensions: true };
  project.write("tsconfig.json", JSON.stringify({ ...config, compilerOptions }));
}

const VITE_TYPES = `interface ImportMeta { readonly env: { readonly VITE_CHAT_URL: string } }
declare module "*.css" {}
`;

/** A strict compiler that looks into the packages' declarations too (`lib` ES2022, `skipLibCheck: false`). */
export function compiles(project: Project): void {
  const { status, output } = project.run([project.program("typescript/lib/tsc.js"), "-p", project.folder]);
  assert.deepEqual([status, output], [0, ""]);
  project.write(
    "src/wrong.ts",
    `import { useSend } from "@rocket-chat-api/react";\nuseSend("a").send({ text: 1 });\n`,
  );
  const wrong = project.run([project.program("typescript/lib/tsc.js"), "-p", project.folder]);
  project.write("src/wrong.ts", "export {};\n");
  assert.match(wrong.output, /^src\/wrong\.ts\(2,\d+\): error TS2353/);
}

/** `vite build`, without a warning. */
export function builds(project: Project): void {
  const args = [project.program("vite/bin/vite.js"), "build", "--outDir", "built", "--logLevel", "warn"];
  const { status, output } = project.run(args);
  assert.deepEqual([status, output], [0, ""]);
  assert.ok(existsSync(join(project.folder, "built/index.html")));
}

/** The page, rendered on a server: nothing is opened and nothing asked. */
export function rendersOnAServer(project: Project): void {
  cpSync(join(PROGRAMS, "server-rendering.mjs"), join(project.folder, "server-rendering.mjs"));
  endsWith(project.run(["server-rendering.mjs"]), "<p>0 conversations, idle</p>", "nothing was opened");
}

/** The client, the library for backends, and the facts of the protocol in one Node.js, against a real server. */
export function runsInNode(project: Project, node: string, major: string, env: Record<string, string>): void {
  cpSync(join(PROGRAMS, "node.mjs"), join(project.folder, "node.mjs"));
  const hasSocket = Number(major) >= 22;
  endsWith(
    project.run(["node.mjs"], node, env),
    `Node.js ${major}, WebSocket: ${hasSocket}`,
    "made without a socket: idle",
    `said over ws: Hello from Node.js ${major}`,
    "the backend's token: users",
    "facts: 404",
  );
}

/** Metro finds every entry by the packages' exports, and what it makes runs where React Native's globals are all there are. */
export function bundlesForReactNative(project: Project): void {
  for (const file of ["native.mjs", "metro.mjs"]) cpSync(join(PROGRAMS, file), join(project.folder, file));
  endsWith(project.run(["metro.mjs"]), "bundled");
  const said: string[] = [];
  const globals = {
    console: { log: (text: string) => said.push(text) },
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
  };
  const web = { TextEncoder, TextDecoder, URL, URLSearchParams, AbortController, fetch, Response, Headers };
  class WebSocket {}
  runInNewContext(readFileSync(join(project.folder, "bundle.js"), "utf8"), {
    ...globals,
    ...web,
    WebSocket,
    atob,
    btoa,
  });
  assert.deepEqual(said, ["ChatClient idle, 14 entries and hooks"]);
}
