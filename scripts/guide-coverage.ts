/**
 * `npm run guide-coverage`: writes docs/guide-coverage.md, which test shows which item of the guide and which rule of
 * the contract. It is read off the ids in the titles of the tests: `[GUIDE-1.5 R12] ...`.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { readArguments } from "./arguments.ts";

export const DOCUMENT = "docs/guide-coverage.md";
/** Its titles are examples. */
const OWN_TEST = "test/unit/guide-coverage.test.ts";

/** The guide's sections 1 and 2, what section 3 adds to the routes, and the errors of section 5. */
export const GUIDE: Record<string, string> = {
  "GUIDE-1.1": "List Conversations: `GET /conversations`",
  "GUIDE-1.2": "Create Direct Conversation: `POST /conversations/direct`",
  "GUIDE-1.3": "Create Group Conversation: `POST /conversations/group`",
  "GUIDE-1.4": "Get Conversation Details: `GET /conversations/:id`",
  "GUIDE-1.5": "Send Text Message: `POST /conversations/:id/messages`",
  "GUIDE-1.6": "Send Image Message: `POST /messages/attachments/upload-url`, upload, send",
  "GUIDE-1.7": "Get Messages: `GET /conversations/:id/messages`",
  "GUIDE-1.8": "Edit Message: `PUT /messages/:id`",
  "GUIDE-1.9": "Delete Message: `DELETE /messages/:id`",
  "GUIDE-1.10": "Add Reaction: `POST /messages/:id/reactions`",
  "GUIDE-1.11": "Remove Reaction: `DELETE /messages/:id/reactions/:emoji`",
  "GUIDE-1.12": "Mark Messages as Read: `PUT /conversations/:id/read`",
  "GUIDE-1.13": "Get Message Receipts: `GET /messages/:id/receipts`",
  "GUIDE-1.14": "Start Typing: `POST /conversations/:id/typing`",
  "GUIDE-1.15": "Stop Typing: `DELETE /conversations/:id/typing`",
  "GUIDE-1.16": "Search Messages: `GET /search/messages`",
  "GUIDE-2.1": "Connection: `connection.established`",
  "GUIDE-2.2": "Client: `message.send`",
  "GUIDE-2.3": "Client: `typing.start`, `typing.stop`",
  "GUIDE-2.4": "Client: `message.read`",
  "GUIDE-2.5": "Client: `presence.update`",
  "GUIDE-2.6": "Server: `message.new`",
  "GUIDE-2.7": "Server: `message.edited`",
  "GUIDE-2.8": "Server: `message.deleted`",
  "GUIDE-2.9": "Server: `message.reaction`",
  "GUIDE-2.10": "Server: `typing.indicator`",
  "GUIDE-2.11": "Server: `message.receipt`",
  "GUIDE-2.12": "Server: `user.presence`",
  "GUIDE-3.1": "`GET /health`",
  "GUIDE-3.2": "`PUT /conversations/:id`",
  "GUIDE-3.3": "`DELETE /conversations/:id`",
  "GUIDE-3.4": "`POST /conversations/:id/participants`",
  "GUIDE-3.5": "`DELETE /conversations/:id/participants/:userId`",
  "GUIDE-3.6": "`GET /messages/:id`",
  "GUIDE-5": "Error Handling",
};

/** The rules with their titles, from the table at the beginning of the contract. @param contract its text. */
export function rulesIn(contract: string): Record<string, string> {
  const rows = contract.matchAll(/^\| (\d+) \| \[([^\]]+)\]/gm);
  return Object.fromEntries([...rows].map(([, number, title = ""]) => [`R${number}`, title]));
}

export const RULES = rulesIn(readFileSync(new URL("../docs/contract.md", import.meta.url), "utf8"));

/** Features beyond the guide and the rules, with their headings in the contract. Their tests have ids of their own. */
export const BEYOND: Record<string, string> = {
  PIN: "Pinned messages",
  LEAN: "The short form of events",
  KEEP: "Keeping and mending",
  RECALL: "Keeping and mending",
};

/** Ids of other families, and what they show; a number after the name is left out. */
const FAMILIES: Record<string, string[]> = {
  "AUTH-1": ["R1"],
  "AUTH-2": ["R2"],
  "AUTH-4": ["R4"],
  ACCESS: ["R6"],
  "BAD-FRAME": ["R23"],
  "BAD-REST": ["R5"],
  BLOCK: ["R29"],
  CLAIMS: ["R1"],
  CONTENT: ["R13"],
  "CONV-ACCESS": ["R6"],
  "CONV-DETAILS": ["GUIDE-1.4"],
  "CONV-DIRECT": ["GUIDE-1.2", "R7"],
  "CONV-GROUP": ["GUIDE-1.3", "R8"],
  "CONV-LIST": ["GUIDE-1.1", "R9"],
  "CONV-UNREAD": ["R19"],
  ERASE: ["R28"],
  EXIF: ["R26"],
  EXPORT: ["R28"],
  FILTER: ["R29"],
  HIST: ["GUIDE-1.7", "R11"],
  LIMIT: ["R24"],
  ORDER: ["R11"],
  PAIR: ["R7"],
  PUSH: ["R27"],
  "PUSH-P": ["R27"],
  RANGE: ["R31"],
  REPLY: ["R15"],
  REPORT: ["R29"],
  RESUME: ["R21"],
  RETRY: ["R12"],
  REQ: ["R29"],
  ROOM: ["R29"],
  SEARCH: ["GUIDE-1.16"],
  SEND: ["GUIDE-1.5"],
  SEQ3: ["R12"],
  SYNC: ["R21"],
  UNREAD: ["R19"],
  USERS: ["R3"],
  "USERS-SEARCH": ["R3"],
};

interface Test {
  title: string;
  file: string;
}

const TITLE =
  /\b(?:it|test)(?:\.\w+)*(?:\((?:[^()"'`]|\([^()]*\))*\))?\(\s*(["'`])(\[(?:\\.|(?!\1)[^\\])*)\1/gs;

/** The titles of the tests in a file that begin with ids. */
export function titlesIn(source: string): string[] {
  return [...source.matchAll(TITLE)].map(([, quote, title = ""]) =>
    title.replace(/\\(.)/g, "$1").replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, quote === "`" ? "…" : "$&"),
  );
}

/** The items and rules that a title carries. */
export function itemsOf(title: string): string[] {
  const ids = title.match(/^\[([^\]]+)\]/)?.[1]?.split(/[\s,]+/) ?? [];
  const inText = [...title.matchAll(/\(rules? (\d+)\)/g)].map(([, rule]) => `R${rule}`);
  const known = (id: string) => (id in GUIDE || id in RULES || id in BEYOND ? [id] : undefined);
  const family = (id: string) => known(id) ?? FAMILIES[id];
  const items = ids.flatMap((id) => family(id) ?? family(id.replace(/-?\d+$/, "")) ?? []);
  return [...new Set([...items, ...inText])];
}

/** Every test by what it shows. @param root of the repository. */
export function collect(root: string): Map<string, Test[]> {
  const shown = new Map<string, Test[]>();
  const files = globSync("test/**/*.ts", { cwd: root }).filter((file) => file !== OWN_TEST);
  for (const file of files.sort()) {
    for (const title of titlesIn(readFileSync(`${root}/${file}`, "utf8"))) {
      for (const item of itemsOf(title)) shown.set(item, [...(shown.get(item) ?? []), { title, file }]);
    }
  }
  return shown;
}

/** Groups of tests, the largest first. */
function grouped(tests: Test[], keyOf: (test: Test) => string): [string, Test[]][] {
  const groups = [...Map.groupBy(tests, keyOf)];
  return groups.sort(([a, one], [b, other]) => other.length - one.length || a.localeCompare(b));
}

/** Links to the files of some tests, by suite, each with how many of them it has; most first. */
function links(tests: Test[]): string {
  const suites = grouped(tests, ({ file }) => file.split("/")[1] ?? "").map(([suite, all]) => {
    const files = grouped(all, ({ file }) => file).map(
      ([file, own]) => `[${basename(file).replace(/(\.test)?\.ts$/, "")}](../${file}) ${own.length}`,
    );
    return `${suite}: ${files.join(", ")}`;
  });
  return suites.join("; ");
}

/** One line for each item: what it is, how many tests show it, and where they are. */
function rows(items: Record<string, string>, shown: Map<string, Test[]>): string[] {
  return Object.entries(items).map(([id, name]) => {
    const tests = shown.get(id) ?? [];
    return `| ${id} | ${name} | ${tests.length} | ${links(tests) || "not built yet"} |`;
  });
}

/** Items, each with a link to its heading in the contract. @param headingOf an item, from its id and title. */
function linked(items: Record<string, string>, headingOf: (id: string, title: string) => string) {
  const links = Object.entries(items).map(([id, title]) => {
    const heading = headingOf(id, title)
      .toLowerCase()
      .replace(/[^\w\s-]/g, "");
    return [id, `[${title}](contract.md#${heading.replaceAll(" ", "-")})`];
  });
  return Object.fromEntries(links) as Record<string, string>;
}

/** The document. @param root of the repository. */
export function render(root: string): string {
  const shown = collect(root);
  return [
    "# Which tests show which rule",
    "",
    "Each line is an item of the implementation guide or a rule of the contract, the number of its tests, and the files",
    "that they are in, each with its own number. `GUIDE-1.5` is the fifth heading of the guide's section 1; section 3 adds",
    "routes, and section 5 errors. How ids get into titles: [testing.md](testing.md#ids-in-titles).",
    "",
    "`npm run guide-coverage` writes this file from the titles of the tests. A test fails when it is out of date.",
    "",
    "## The guide",
    "",
    "| Item | Endpoint or event | Tests | Where |",
    "| --- | --- | ---: | --- |",
    ...rows(GUIDE, shown),
    "",
    "## The rules",
    "",
    "| Rule | About | Tests | Where |",
    "| --- | --- | ---: | --- |",
    ...rows(
      linked(RULES, (id, title) => `${id.slice(1)} ${title}`),
      shown,
    ),
    "",
    "## Beyond the rules",
    "",
    "| Ids | About | Tests | Where |",
    "| --- | --- | ---: | --- |",
    ...rows(
      linked(BEYOND, (_, title) => title),
      shown,
    ),
    "",
  ].join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  readArguments({
    usage: `Usage: npm run guide-coverage\n\nWrites ${DOCUMENT} from the titles of the tests.`,
  });
  writeFileSync(DOCUMENT, render("."));
}
