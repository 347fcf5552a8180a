/** What the platform has of a deployment, asked and changed through wrangler: it knows the operator's login. */
import { spawnSync } from "node:child_process";
import { z } from "zod";
import { programOf, ROOT } from "../tools.ts";

/** What a command has said. */
interface Answer {
  isOk: boolean;
  /** Standard output. */
  text: string;
  /** Everything that it said, for a person. */
  said: string;
}

/** A command of wrangler has failed. Its words are the message. */
export class PlatformError extends Error {}

const Accounts = z.object({ accounts: z.array(z.object({ id: z.string(), name: z.string() })) });
const Databases = z.array(z.object({ uuid: z.string(), name: z.string() }));
const Secrets = z.array(z.object({ name: z.string() }));
const Rows = z.array(z.object({ results: z.array(z.record(z.string(), z.unknown())) }));
const Deployments = z.array(
  z.object({ created_on: z.string(), versions: z.array(z.object({ version_id: z.string() })) }),
);

/**
 * The platform says that there is no such Worker. Any other failure is none of this kind: taken for it, a passing one would replace secrets
 * that can never change, and skip what protects the version that runs.
 */
const NO_WORKER = /Worker "[^"]+" not found\.|\[code: (?:10007|10090|10092)\]/;

/** The platform, as one account of it. */
export class Platform {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #root: string;

  /** @param accountId the account that is meant, where the login has several. @param root where wrangler runs. */
  constructor(accountId?: string, root = ROOT) {
    this.#root = root;
    this.#environment = {
      ...process.env,
      CI: "1",
      WRANGLER_SEND_METRICS: "false",
      NO_COLOR: "1",
      ...(accountId === undefined ? {} : { CLOUDFLARE_ACCOUNT_ID: accountId }),
    };
  }

  /** The accounts of who is logged in; empty: nobody is. */
  accounts(): { id: string; name: string }[] {
    const { isOk, text } = this.#try(["whoami", "--json"]);
    return isOk ? Accounts.parse(jsonIn(text)).accounts : [];
  }

  databases(): { id: string; name: string }[] {
    const found = Databases.parse(jsonIn(this.#run(["d1", "list", "--json"])));
    return found.map(({ uuid, name }) => ({ id: uuid, name }));
  }

  createDatabase(name: string, jurisdiction?: string): void {
    this.#run(["d1", "create", name, ...(jurisdiction ? ["--jurisdiction", jurisdiction] : [])]);
  }

  hasBucket(name: string, jurisdiction?: string): boolean {
    const text = this.#run(["r2", "bucket", "list", ...inJurisdiction(jurisdiction)]);
    return new RegExp(`^name:\\s+${name}\\s*$`, "m").test(text);
  }

  createBucket(name: string, jurisdiction?: string): void {
    this.#run(["r2", "bucket", "create", name, ...inJurisdiction(jurisdiction)]);
  }

  /** @param file the rules, as docs/attachments.md shows them. */
  setCors(bucket: string, file: string, jurisdiction?: string): void {
    this.#run([
      "r2",
      "bucket",
      "cors",
      "set",
      bucket,
      "--file",
      file,
      "--force",
      ...inJurisdiction(jurisdiction),
    ]);
  }

  /** Names of the Worker's secrets; null: there is no such Worker yet. */
  secrets(worker: string): string[] | null {
    const { isOk, text, said } = this.#try(["secret", "list", "--name", worker, "--format", "json"]);
    if (isOk) return Secrets.parse(jsonIn(text)).map(({ name }) => name);
    if (NO_WORKER.test(said)) return null;
    throw new PlatformError(`The secrets of ${worker} cannot be listed: ${said.trim()}`);
  }

  /** Stores secrets. Makes the Worker, empty, where there is none. Their values are in no argument and no file. */
  storeSecrets(worker: string, values: Record<string, string>): void {
    this.#run(["secret", "bulk", "--name", worker], JSON.stringify(values));
  }

  /** Rows of the deployed directory. @param config the file of `writeConfiguration`. */
  query(config: string, sql: string): Record<string, unknown>[] {
    const text = this.#run(["d1", "execute", "DB", "--remote", "--json", "-c", config, "--command", sql]);
    return Rows.parse(jsonIn(text))[0]?.results ?? [];
  }

  /** Names of the migrations that the directory has; none: it is empty. */
  appliedMigrations(config: string): string[] {
    const tables = this.query(config, "SELECT name FROM sqlite_master WHERE name = 'd1_migrations'");
    if (tables.length === 0) return [];
    return this.query(config, "SELECT name FROM d1_migrations ORDER BY id").map(({ name }) => String(name));
  }

  applyMigrations(config: string): void {
    this.#run(["d1", "migrations", "apply", "DB", "--remote", "-c", config]);
  }

  /** The version that answers now: null if nothing was deployed. @throws PlatformError if the platform does not say. */
  runningVersion(config: string): string | null {
    const { isOk, text, said } = this.#try(["deployments", "list", "--json", "-c", config]);
    if (!isOk && NO_WORKER.test(said)) return null;
    if (!isOk) throw new PlatformError(`What runs now cannot be found out: ${said.trim()}`);
    const latest = Deployments.parse(jsonIn(text))
      .sort((a, b) => a.created_on.localeCompare(b.created_on))
      .at(-1);
    return latest?.versions[0]?.version_id ?? null;
  }

  /** Uploads the Worker and its files. @returns what wrangler said of it. */
  deploy(config: string, tag: string, isDryRun = false): string {
    return this.#run(["deploy", "-c", config, "--tag", tag, ...(isDryRun ? ["--dry-run"] : [])]);
  }

  #run(args: string[], input = ""): string {
    const { isOk, text, said } = this.#try(args, input);
    if (!isOk) throw new PlatformError(`wrangler ${args.slice(0, 3).join(" ")}: ${said.trim()}`);
    return text;
  }

  #try(args: string[], input = ""): Answer {
    const { status, stdout, stderr } = spawnSync(process.execPath, [programOf("wrangler"), ...args], {
      cwd: this.#root,
      encoding: "utf8",
      input,
      env: this.#environment,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { isOk: status === 0, text: stdout, said: `${stdout}\n${stderr}` };
  }
}

function inJurisdiction(jurisdiction: string | undefined): string[] {
  return jurisdiction === undefined ? [] : ["--jurisdiction", jurisdiction];
}

/** The JSON in what a command printed: some print a line of their own before it. */
function jsonIn(text: string): unknown {
  const start = text.search(/^[[{]/m);
  if (start === -1) throw new PlatformError(`not the JSON that was asked for: ${text.slice(0, 200)}`);
  return JSON.parse(text.slice(start));
}
