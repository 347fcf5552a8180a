/**
 * `npm run secrets`: looks for secrets in every file that is committed, with the rules of secretlint. What it finds, it
 * names by file, line and kind; never the secret itself.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";
import { readArguments } from "./arguments.ts";

/** More than this is not written by hand: generated files hold checksums, which look like keys. */
const MAX_BYTES = 512 * 1024;

/** Hosts that cannot exist (RFC 2606): what stands in front of them opens nothing. */
const EXAMPLE_HOSTS = "/@([a-z0-9.-]+\\.)?(example|test|invalid)(\\.(com|org|net))?\\b/i";

const rules = [
  {
    id: "@secretlint/secretlint-rule-preset-recommend",
    rule: creator,
    rules: [{ id: "@secretlint/secretlint-rule-basicauth", options: { allows: [EXAMPLE_HOSTS] } }],
  },
];

/** The secrets in a text, as places. */
export async function secretsIn(file: string, content: string): Promise<string[]> {
  const { messages } = await lintSource({
    source: { filePath: file, content, ext: file.split(".").at(-1) ?? "", contentType: "text" },
    options: { config: { rules }, maskSecrets: true },
  });
  return messages.map(({ loc, ruleId, messageId }) => `${file}:${loc.start.line} ${ruleId} ${messageId}`);
}

/** The files that git knows, new ones too. */
function files(root: string): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed.split("\0").filter((file) => file !== "" && existsSync(`${root}/${file}`));
}

/** The secrets in a repository. */
export async function scan(root: string): Promise<{ found: string[]; scanned: number }> {
  const found: string[] = [];
  let scanned = 0;
  for (const file of files(root)) {
    const bytes = readFileSync(`${root}/${file}`);
    if (bytes.length > MAX_BYTES || bytes.includes(0)) continue;
    scanned += 1;
    found.push(...(await secretsIn(file, bytes.toString("utf8"))));
  }
  return { found, scanned };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  readArguments({ usage: "Usage: npm run secrets\n\nLooks for secrets in every file that is committed." });
  const { found, scanned } = await scan(fileURLToPath(new URL("..", import.meta.url)));
  for (const place of found) console.error(place);
  console.log(`${scanned} files, ${found.length} secrets`);
  process.exit(found.length === 0 ? 0 : 1);
}
