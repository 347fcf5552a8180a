/** Versions of the packages, as a release makes them: tried on a copy of their manifests. */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CHANGESET = join(ROOT, "node_modules/@changesets/cli/bin.js");
const PUBLISHED = ["client", "protocol", "react", "server"];
const folder = mkdtempSync(join(tmpdir(), "rocket-chat-release-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const manifest = (path: string) => JSON.parse(readFileSync(join(folder, path, "package.json"), "utf8"));

it("[PKG-15] a change of one package raises all four together, in their changelogs, and what asks for them follows", () => {
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    workspaces: string[];
  };
  const files = ["package.json", ".changeset/config.json", ...workspaces.map((one) => `${one}/package.json`)];
  for (const file of [...files, ...globSync("packages/*/CHANGELOG.md", { cwd: ROOT })]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  writeFileSync(join(folder, "package-lock.json"), "{}");
  const change = '---\n"@rocket-chat-api/client": minor\n---\n\nSomething new for the client.\n';
  writeFileSync(join(folder, ".changeset/new.md"), change);
  const git = (...args: string[]) => spawnSync("git", args, { cwd: folder });
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-qm", "a change");
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHANGESET, "version"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect([status, status === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
  for (const name of PUBLISHED) {
    expect(manifest(`packages/${name}`).version, name).toBe("0.2.0");
    expect(readFileSync(join(folder, `packages/${name}/CHANGELOG.md`), "utf8")).toMatch(
      /^# .*\n\n## 0\.2\.0\n/,
    );
  }
  expect(readFileSync(join(folder, "packages/client/CHANGELOG.md"), "utf8")).toContain(
    "Something new for the client.",
  );
  expect(manifest("packages/react").peerDependencies["@rocket-chat-api/client"]).toBe("0.2.0");
  expect(manifest("examples/react").dependencies["@rocket-chat-api/react"]).toBe("0.2.0");
});
