/** The documents name files and functions: each of them is there. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const TRACKED = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "");
const FOLDERS = new Set(TRACKED.flatMap((path) => parents(path)));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** Documents about the code, in which every word in backticks that looks like a name is one. */
const ABOUT_CODE = [
  "ARCHITECTURE.md",
  "docs/adding-a-feature.md",
  "docs/message-path.md",
  "docs/glossary.md",
];
/** Names of the platform, of which the code has none. */
const ELSEWHERE = ["RpcTarget"];
/** Files that a command makes. */
const MADE =
  /^(?:environments\/|public\/|bench\/results|dist\/|google-services\.json$|service-worker\.js$|manifest\.json$|\.rebuild\.json$)/;

/** `a/b/c.ts` is in `a` and `a/b`. */
function parents(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
}

function isThere(path: string): boolean {
  const plain = path.replace(/\/$/, "");
  return TRACKED.includes(plain) || FOLDERS.has(plain);
}

/** Words in backticks, without blocks of code. */
function quoted(text: string): string[] {
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```/gm, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, words = ""]) => words.trim());
}

const DOCUMENTS = TRACKED.filter((path) => path.endsWith(".md") && !path.startsWith(".changeset/"));

describe("the documents", () => {
  it("[DOC-1] every link within the repository leads to a file or a folder", () => {
    expect(DOCUMENTS.length).toBeGreaterThan(20);
    const broken = DOCUMENTS.flatMap((path) => {
      const links = [...read(path).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => link);
      const local = links.filter((link) => !/^(?:https?:|mailto:|\/)/.test(link));
      return local
        .filter((link) => !isThere(normalize(join(dirname(path), link))))
        .map((link) => `${path}: ${link}`);
    });
    expect(broken).toEqual([]);
  });

  it("[DOC-2] every file of the source that they name is there", () => {
    const missing = DOCUMENTS.filter((path) => path !== "CHANGELOG.md").flatMap((path) => {
      const files = quoted(read(path)).filter((word) =>
        /^[\w./@-]+\.(?:tsx?|js|json|toml|sql|css|md)$/.test(word),
      );
      const here = (file: string) => isThere(normalize(join(dirname(path), file)));
      const isKnown = (file: string) => here(file) || TRACKED.some((one) => `/${one}`.endsWith(`/${file}`));
      return files
        .filter((file) => !file.startsWith("/") && !MADE.test(file) && !isKnown(file.replace(/^\.\//, "")))
        .map((file) => `${path}: ${file}`);
    });
    expect(missing).toEqual([]);
  });

  it("[DOC-3] every name of the code in the documents about the code occurs in it", () => {
    const isSource =
      /^(?:src|packages|scripts|test|bench|apps|migrations)\/.*\.(?:tsx?|js|sql)$|^wrangler\.toml$|^package\.json$/;
    const source = TRACKED.filter((path) => isSource.test(path) && !path.startsWith("test/fixtures/"))
      .map(read)
      .join("\n");
    const known = new Set(source.match(/[A-Za-z_$][\w$]*/g));
    const missing = ABOUT_CODE.flatMap((path) => {
      const names = quoted(read(path)).filter((word) => /^#?[A-Za-z_]\w*(?:\.#?\w+)*(?:\(.*\))?$/.test(word));
      const parts = names.flatMap((name) => name.replace(/\(.*/, "").split(/[.#]/));
      return parts
        .filter((part) => part !== "" && !known.has(part) && !ELSEWHERE.includes(part))
        .map((part) => `${path}: ${part}`);
    });
    expect(missing).toEqual([]);
  });

  it("[DOC-4] none holds what a merge has left open", () => {
    expect(DOCUMENTS.filter((path) => /^(?:<{7}|>{7}) /m.test(read(path)))).toEqual([]);
  });
});
