/** What is installed is what was looked at, and what is deployed is reached by its own name alone. */
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { headersFile, parsePageSettings } from "../../scripts/page-headers.ts";
import { scan, secretsIn } from "../../scripts/secrets.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const text = (path: string) => readFileSync(ROOT + path, "utf8");

interface Package {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
}

const manifest = JSON.parse(text("package.json")) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  workspaces: string[];
  scripts: Record<string, string>;
  allowScripts: Record<string, boolean>;
};
const lock = JSON.parse(text("package-lock.json")) as { packages: Record<string, Package> };

/** The packages that come from the registry, by their place. */
const installed = Object.entries(lock.packages).filter(([place, { link }]) => {
  return place.includes("node_modules/") && link !== true;
});

describe("the supply chain", () => {
  it("[SUPPLY-1] the lock file has a checksum for every package, of other platforms too, and no other source", () => {
    expect(installed.length).toBeGreaterThan(500);
    for (const [place, { integrity, resolved }] of installed) {
      expect(integrity, place).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
      if (resolved !== undefined) expect(resolved, place).toMatch(/^https:\/\/registry\.npmjs\.org\//);
    }
  });

  it("[SUPPLY-2] every version that is asked for is one version", () => {
    const manifests = [
      manifest,
      ...manifest.workspaces.map((path) => JSON.parse(text(`${path}/package.json`))),
    ];
    for (const { dependencies, devDependencies } of manifests) {
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
        expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    }
  });

  it("[SUPPLY-3] a package runs a script when it is installed only where that was decided", () => {
    const asking = installed.flatMap(([place, { hasInstallScript }]) => {
      return hasInstallScript ? [place.split("node_modules/").at(-1) ?? ""] : [];
    });
    expect(asking.length).toBeGreaterThan(0);
    expect(asking.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
  });

  it("[SUPPLY-4] no committed file holds a secret, and the scan would find one", async ({
    onTestFinished,
  }) => {
    // The linter's profiler looks through all marks for each mark, in the background: 20 seconds of a core for this scan.
    const marks = vi.spyOn(performance, "mark").mockReturnValue({} as PerformanceMark);
    onTestFinished(() => marks.mockRestore());
    const { found, scanned } = await scan(ROOT);
    expect(scanned).toBeGreaterThan(200);
    expect(found).toEqual([]);
    const slack = ["xoxb", "1234567890", "A".repeat(24)].join("-");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const login = ["https://me:secret", "chat.company.org/"].join("@");
    for (const secret of [slack, key, login]) {
      const places = await secretsIn("file.ts", `one line\nconst it = \`${secret}\`;\n`);
      expect(places.join(), secret.slice(0, 8)).toContain("file.ts:2 ");
      expect(places.join()).not.toContain(secret);
    }
  });

  it("[SUPPLY-5] a deployment has no address under workers.dev, and its files say what browsers may do", () => {
    const settings = text("wrangler.toml");
    expect(settings).toMatch(/^workers_dev = false$/m);
    expect(settings).toMatch(/^preview_urls = false$/m);
    const headers = headersFile(parsePageSettings(text("page.json")));
    for (const header of [
      "Content-Security-Policy: default-src 'none'",
      "Strict-Transport-Security: max-age=",
    ])
      expect(headers).toContain(header);
  });

  it("[SUPPLY-6] the workflows' actions are named by their commit, and may only read", () => {
    const names = readdirSync(`${ROOT}.github/workflows`);
    expect(names).toEqual(expect.arrayContaining(["check.yml", "deploy.yml"]));
    for (const name of names) {
      const workflow = text(`.github/workflows/${name}`);
      const uses = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
      expect(uses.length).toBeGreaterThan(1);
      for (const action of uses) expect(action).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
      expect(workflow).toMatch(/^permissions:\n {2}contents: read$/m);
      // Every npm script that a workflow runs is one of package.json.
      for (const [, script = ""] of workflow.matchAll(/npm run ([\w:-]+)/g))
        expect(Object.keys(manifest.scripts)).toContain(script);
    }
    const workflow = text(".github/workflows/check.yml");
    for (const step of ["npm ci", "npm run check", "npm audit signatures", "npm sbom", "npm run secrets"])
      expect(workflow).toContain(step);
  });
});
