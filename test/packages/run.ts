/**
 * `npm run packages:test`: the packages as strangers have them. Packs them, installs the tarballs into empty projects outside of the
 * repository, and tries what the contract says of each. `--help` lists the flags.
 */
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Conversation } from "@rocket-chat-api/protocol";
import { readArguments, refuseArguments } from "../../scripts/arguments.ts";
import { devToken } from "../../scripts/dev-token.ts";
import { Person } from "../../scripts/person.ts";
import { DEVELOPMENT_ENTRY, DevServer } from "../../scripts/serve.ts";
import { isInBrowser } from "./browser.ts";
import * as checks from "./checks.ts";
import { Project, packAll, temporaryFolder } from "./project.ts";

const NAMES = ["vite", "node", "metro"] as const;
const USAGE = `
Usage: npm run packages:test -- [flags]

Packs the packages, installs the tarballs into empty projects in a temporary folder, and tries them there:
  vite    React with Vite: a strict compiler, a build, a page in Chromium, a rendering on a server
  node    Node.js 20, 22 and 24 against a real server
  metro   Metro's resolution, for React Native
What npm's cache does not have comes from the registry.

  --only <names>       some of ${NAMES.join(",")}
  --without-browser    leaves out the page in Chromium
`;

/** The one that runs this is 24; the others come from npm, where \`node\` has one package for each platform. */
const OTHER_NODES = { "20": "20.20.2", "22": "22.23.3" };
const REACT = { react: "19.2.0", "react-dom": "19.2.0" };
const VITE = { vite: "8.3.8", typescript: "7.0.2", "@types/react": "19.2.2", "@types/react-dom": "19.2.2" };
const METRO = { metro: "0.87.1", react: REACT.react };

const { values } = readArguments({
  usage: USAGE,
  options: { only: { type: "string" }, "without-browser": { type: "boolean", default: false } },
});
const only = values.only?.split(",") ?? [...NAMES];
const unknown = only.find((one) => !NAMES.some((name) => name === one));
if (unknown !== undefined) refuseArguments(`Unknown project '${unknown}'`);

const begun = performance.now();
let failures = 0;

/** Does one thing, and says how it went. */
async function step<T>(title: string, work: () => T | Promise<T>): Promise<T | undefined> {
  const from = performance.now();
  try {
    const done = await work();
    console.log(`  ok    ${title} (${seconds(from)})`);
    return done;
  } catch (error) {
    failures += 1;
    console.log(`  FAIL  ${title} (${seconds(from)})\n${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function seconds(from: number): string {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}

const folder = temporaryFolder();
const tarballs = packAll(folder);
console.log(`packed ${Object.keys(tarballs).join(", ")} (${seconds(begun)})`);
const some = (...names: string[]) =>
  Object.fromEntries(
    names.map((name) => [`@rocket-chat-api/${name}`, tarballs[`@rocket-chat-api/${name}`] ?? ""]),
  );
const install = (name: string, dependencies: Record<string, string>) =>
  step(`${name}: npm install`, () => new Project(join(folder, name), dependencies));

async function tryVite(server: DevServer): Promise<void> {
  const project = await install("vite", { ...some("client", "react"), ...REACT, ...VITE });
  if (!project) return;
  checks.copyExample(project);
  await step("vite: tsc, strict, lib ES2022, skipLibCheck false", () => checks.compiles(project));
  await step("vite: vite build", () => checks.builds(project));
  await step("vite: rendered on a server", () => checks.rendersOnAServer(project));
  if (values["without-browser"]) return;
  await step("vite: a chat in Chromium", () => isInBrowser(project, server));
}

async function tryNode(server: DevServer): Promise<void> {
  const { platform, arch } = process;
  const binaries = `node-${platform === "win32" ? "win" : platform}-${arch}`;
  const nodes = Object.entries(OTHER_NODES).map(([major, version]) => [
    `node-${major}`,
    `npm:${binaries}@${version}`,
  ]);
  const dependencies = {
    ...some("client", "protocol", "server"),
    ws: "8.23.0",
    ...Object.fromEntries(nodes),
  };
  const project = await install("node", dependencies);
  if (!project) return;
  const ann = await Person.of("ann", server.url, server.secret);
  const group = { name: "Node", participant_ids: [] };
  const { body: chat } = await ann.api(Conversation, "POST", "/conversations/group", group);
  const env = {
    CHAT_URL: server.url,
    CHAT_TOKEN: await devToken("ann", server.secret),
    CHAT_ID: chat.conversation_id,
  };
  const program = platform === "win32" ? "node.exe" : "node";
  for (const major of ["20", "22"]) {
    const node = project.program(`node-${major}/bin/${program}`);
    await step(`node: Node.js ${major}`, () => checks.runsInNode(project, node, major, env));
  }
  const [own = ""] = process.versions.node.split(".");
  await step(`node: Node.js ${own}`, () => checks.runsInNode(project, process.execPath, own, env));
}

async function tryMetro(): Promise<void> {
  const project = await install("metro", { ...some("client", "react"), ...METRO });
  if (project) await step("metro: a bundle that runs", () => checks.bundlesForReactNative(project));
}

if (only.includes("metro")) await tryMetro();
if (only.some((name) => name !== "metro")) {
  const settings = { RATE_LIMIT_MODE: "off", DEV_ALLOW_LOOPBACK_ORIGINS: "true" };
  const server = await DevServer.create(settings, DEVELOPMENT_ENTRY);
  if (only.includes("vite")) await tryVite(server);
  if (only.includes("node")) await tryNode(server);
  await server.stop();
  server.dispose();
}
console.log(`${failures === 0 ? "all well" : `${failures} failed`} (${seconds(begun)})`);
process.exit(failures === 0 ? 0 : 1);
