/**
 * `npm run build:packages`: builds the packages that are published, each into a folder with a `package.json` of its own.
 * In the repository nothing needs this: there the packages are their sources. `--help` lists the flags.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as protocol from "@rocket-chat-api/protocol";
import { build, type InlineConfig } from "tsdown";
import ts from "typescript";
import { readArguments } from "../../scripts/arguments.ts";
import { plainTypes } from "./plain-types.ts";

const USAGE = `
Usage: npm run build:packages -- [flags]

Builds packages/protocol, packages/client, packages/react and packages/server for publishing.

  --out <folder>   into <folder>/<name>; packages/<name>/dist
`;

const PACKAGES = fileURLToPath(new URL("..", import.meta.url));
const PROTOCOL = "@rocket-chat-api/protocol";
/** The entries of the client that are modules. */
const CLIENT_ENTRIES = [
  ...["index", "list", "live", "outgoing", "push", "push-worker", "safety", "upload"],
  ...["store", "store-indexeddb", "store-sqlite", "tabs"],
];
/** What is built into an entry that uses it. Its license asks for its words in every copy. */
const BUNDLED = ["idb"];

/** Folders that a package brings as they are: what clients in other languages are held to. */
const FOLDERS = ["conformance"];

/** How the protocol's sources are read for their types. */
const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  lib: ["lib.es2024.d.ts", "lib.dom.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
};

interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  sideEffects: boolean | string[];
  exports: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** The settings that all packages share. @param paths where imports are found instead, for declarations. */
function settings(name: string, outDir: string, paths: Record<string, string[]> = {}): InlineConfig {
  return {
    cwd: join(PACKAGES, name),
    outDir,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    config: false,
    clean: true,
    logLevel: "warn",
    tsconfig: join(PACKAGES, "../tsconfig.json"),
    // The packages are linked in node_modules: without `paths` their declarations would not be written.
    dts: {
      resolver: "tsc",
      sourcemap: false,
      // One program of the compiler for all entries of a package: to make one for each takes most of the build.
      eager: true,
      tsconfigRaw: { include: [`packages/${name}/src`, "packages/protocol/src"] },
      compilerOptions: { noEmit: false, types: [], lib: ["ES2024", "DOM"], paths },
    },
    checks: { pluginTimings: false },
  };
}

/** The schemas and facts. zod stays a dependency. */
async function buildProtocol(outDir: string): Promise<void> {
  await build({ ...settings("protocol", outDir), entry: ["src/index.ts", "src/facts.ts"] });
  writeManifest("protocol", outDir);
}

/** The client library, each entry in one file, with the facts that it uses: it depends on nothing. */
async function buildClient(outDir: string): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const types = join(outDir, "protocol-types.d.ts");
  writeFileSync(types, protocolTypes("client"));
  // One after the other, or what two entries share would be a file of its own.
  for (const entry of CLIENT_ENTRIES) await build(closedSettings("client", outDir, types, entry));
  const { dts: _, ...script } = closedSettings("client", outDir, types, "service-worker");
  // A plain script: browsers that take no modules as workers take it, and `importScripts` too.
  const outputOptions = { entryFileNames: "[name].js" };
  await build({ ...script, dts: false, format: "iife", sourcemap: false, outputOptions });
  rmSync(types);
  for (const name of BUNDLED)
    copyFileSync(join(PACKAGES, "../node_modules", name, "LICENSE"), join(outDir, `LICENSE-${name}`));
  writeManifest("client", outDir);
}

/** The hooks, in one file. React and the client are the app's own. */
async function buildReact(outDir: string): Promise<void> {
  await build({
    ...settings("react", outDir),
    entry: ["src/index.ts"],
    sourcemap: true,
    deps: { neverBundle: [/^react$/, /^@rocket-chat-api\//] },
  });
  writeManifest("react", outDir);
}

/** The library for backends, in one file: it depends on nothing either. */
async function buildServer(outDir: string): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const types = join(outDir, "protocol-types.d.ts");
  writeFileSync(types, protocolTypes("server"));
  await build(closedSettings("server", outDir, types, "index"));
  rmSync(types);
  writeManifest("server", outDir);
}

/** The settings of one entry of a package that depends on nothing. @param types the declarations that stand in for the protocol's. */
function closedSettings(name: string, outDir: string, types: string, entry: string): InlineConfig {
  return {
    ...settings(name, outDir, {
      [PROTOCOL]: [types],
      [`${PROTOCOL}/facts`]: [join(PACKAGES, "protocol/src/facts.ts")],
    }),
    clean: false,
    entry: [`src/${entry}.ts`],
    minify: true,
    sourcemap: true,
    deps: { alwaysBundle: [/^@rocket-chat-api\//, ...BUNDLED.map((name) => new RegExp(`^${name}$`))] },
    plugins: [
      {
        name: "plain-types",
        resolveId: { order: "pre", handler: (id) => (id === PROTOCOL ? types : undefined) },
      },
      {
        name: "short-operations",
        load: (id) => (id.endsWith("/protocol/src/operations.ts") ? shortOperations() : undefined),
      },
    ],
  };
}

/** The table of operations with what the client reads: how each is asked over REST, and whether it has a body. The rest is for servers. */
function shortOperations(): string {
  const rows = Object.entries<protocol.Declaration>(protocol.OPERATIONS);
  const short = rows.flatMap(([name, { rest, body }]) => (rest ? [[name, { rest, body: body && 1 }]] : []));
  return `export const OPERATIONS = ${JSON.stringify(Object.fromEntries(short))};`;
}

/** The types of the protocol that a package uses. */
function protocolTypes(name: string): string {
  const folder = join(PACKAGES, name, "src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const sources = files.map((file) => readFileSync(join(folder, file), "utf8"));
  const lists = sources.flatMap((source) => [
    ...source.matchAll(/^(?:import|export) type \{([^}]*)\} from "@rocket-chat-api\/protocol";/gm),
  ]);
  const names = lists.flatMap(([, list = ""]) => list.split(",").map((name) => name.trim()));
  const wanted = new Set(names.filter((name) => name !== "").sort());
  return plainTypes(join(PACKAGES, "protocol/src/index.ts"), COMPILER_OPTIONS, wanted, description);
}

/** How the contract describes a field: an operation by its row, others by their schema. */
function description(type: string, field: string): string | undefined {
  if (type === "RestCalls") return protocol.OPERATIONS[field as protocol.OperationName].summary;
  const schema = (protocol as Record<string, unknown>)[type];
  if (typeof schema !== "object" || schema === null || !("shape" in schema)) return undefined;
  const shape = schema.shape as Record<string, { meta(): { description?: string } | undefined }>;
  return shape[field]?.meta()?.description;
}

/** Writes the package.json, README.md and LICENSE of a published package: its entries are the built files. */
function writeManifest(name: string, outDir: string): void {
  const source = join(PACKAGES, name);
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as Manifest;
  const entries = Object.entries(manifest.exports).map(([path, file]) => {
    const built = file.replace("./src/", "./").replace(/\.ts$/, "");
    // A script to copy is no module, so it has no types.
    return [path, path.endsWith(".js") ? `${built}.js` : { types: `${built}.d.ts`, default: `${built}.js` }];
  });
  const { version, description, license, sideEffects, dependencies, peerDependencies } = manifest;
  const published = {
    name: manifest.name,
    version,
    description,
    license,
    type: "module",
    sideEffects,
    engines: { node: ">=20" },
    exports: Object.fromEntries(entries),
    files: [
      "*.js",
      "*.map",
      "*.d.ts",
      "LICENSE-*",
      "CHANGELOG.md",
      ...FOLDERS.filter((one) => existsSync(join(source, one))),
    ],
    ...(dependencies && { dependencies }),
    ...(peerDependencies && { peerDependencies }),
  };
  writeFileSync(join(outDir, "package.json"), `${JSON.stringify(published, undefined, 2)}\n`);
  for (const one of ["README.md", "CHANGELOG.md"])
    if (existsSync(join(source, one))) copyFileSync(join(source, one), join(outDir, one));
  for (const one of FOLDERS)
    if (existsSync(join(source, one))) cpSync(join(source, one), join(outDir, one), { recursive: true });
  copyFileSync(join(PACKAGES, "../LICENSE"), join(outDir, "LICENSE"));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values } = readArguments({ usage: USAGE, options: { out: { type: "string" } } });
  const folder = (name: string) =>
    values.out === undefined ? join(PACKAGES, name, "dist") : join(resolve(values.out), name);
  await buildProtocol(folder("protocol"));
  await buildClient(folder("client"));
  await buildReact(folder("react"));
  await buildServer(folder("server"));
}
