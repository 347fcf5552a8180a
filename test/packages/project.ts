/** The packages as tarballs, and empty projects that install them. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onExit } from "../../scripts/serve.ts";
import { ROOT } from "../../scripts/tools.ts";

/** A program may take this long, in milliseconds. */
const PATIENCE_MS = 300_000;

/** What a program did. */
export interface Ran {
  status: number | null;
  /** Everything that it printed. */
  output: string;
}

/** Builds and packs the packages into a folder that goes with this process. @returns the tarball of each. */
export function packAll(folder: string): Record<string, string> {
  const build = join(ROOT, "packages/build/build.ts");
  execFileSync(process.execPath, [build, "--out", join(folder, "built")], { stdio: "pipe" });
  const tarballs = join(folder, "tarballs");
  mkdirSync(tarballs);
  for (const name of readdirSync(join(folder, "built"))) {
    const args = ["pack", "--silent", "--pack-destination", tarballs];
    execFileSync("npm", args, { cwd: join(folder, "built", name), stdio: "pipe" });
  }
  const files = readdirSync(tarballs).map((file) => [
    `@rocket-chat-api/${/^rocket-chat-api-(\w+)-/.exec(file)?.[1]}`,
    `file:${join(tarballs, file)}`,
  ]);
  return Object.fromEntries(files);
}

/** A folder that goes with this process, outside of the repository, so that nothing of it is found from there. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rocket-chat-packages-"));
  onExit(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty project of somebody who uses the packages. */
export class Project {
  readonly folder: string;

  /**
   * Makes it and installs.
   * @param dependencies from the registry, with their exact versions, and tarballs.
   */
  constructor(folder: string, dependencies: Record<string, string>) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.write("package.json", JSON.stringify({ private: true, type: "module", dependencies }));
    // What the cache of npm has is not asked for. The packages' scripts are not needed.
    const args = [
      "install",
      "--prefer-offline",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ];
    const { status, output } = this.#spawn("npm", args);
    if (status !== 0) throw new Error(`npm install failed in ${folder}:\n${output}`);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** A file of an installed package. */
  program(path: string): string {
    return join(this.folder, "node_modules", path);
  }

  /** Runs a script. @param node the Node.js that runs it. */
  run(args: string[], node = process.execPath, env: Record<string, string> = {}): Ran {
    return this.#spawn(node, args, env);
  }

  #spawn(program: string, args: string[], env: Record<string, string> = {}): Ran {
    const options = { cwd: this.folder, encoding: "utf8", timeout: PATIENCE_MS } as const;
    const { status, stdout, stderr } = spawnSync(program, args, {
      ...options,
      env: { ...process.env, ...env },
    });
    return { status, output: `${stdout}${stderr}` };
  }
}
