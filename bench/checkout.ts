/** The folders whose service is measured: this checkout, and others that it is compared with. */
import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import type { Unstable_Config } from "wrangler";
import { ROOT } from "../scripts/tools.ts";

export type Config = Unstable_Config;

export interface Checkout {
  /** The folder as the command line names it; empty for the one that this bench belongs to. */
  name: string;
  root: string;
  /** Its own `wrangler.toml`, and where that is. */
  config: Config;
  configPath: string;
}

/** The checkout that this bench belongs to. */
export function thisCheckout(): Checkout {
  return readCheckout("", ROOT);
}

/** Another checkout, or a sentence that says why the folder is none. */
export function otherCheckout(folder: string): Checkout | string {
  for (const part of ["wrangler.toml", "node_modules"]) {
    if (!existsSync(join(folder, part))) return `'${folder}' is no checkout to compare with: no ${part}`;
  }
  return readCheckout(folder, realpathSync(folder));
}

/** Whether both are one folder: what they differ by is then noise. */
export function isSameCode(a: Checkout, b: Checkout): boolean {
  return realpathSync(a.root) === realpathSync(b.root);
}

/** The file with which wrangler's bundle of a checkout begins. */
export function entryOf({ config }: Checkout): string {
  if (config.main === undefined) throw new Error("wrangler.toml names no main");
  return `${basename(config.main).replace(/\.[^.]+$/, "")}.js`;
}

/** What is checked out, for the results; a copy without git has no commit. */
export function commitOf({ root }: Checkout): string {
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", root, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : " and changes");
  } catch {
    return "no commit";
  }
}

function readCheckout(name: string, root: string): Checkout {
  // Takes most of a second to load, which a refused argument need not wait for.
  const { unstable_readConfig } = createRequire(import.meta.url)("wrangler") as typeof import("wrangler");
  const configPath = join(root, "wrangler.toml");
  return {
    name,
    root,
    configPath,
    config: unstable_readConfig({ config: configPath }, { hideWarnings: true }),
  };
}
