/** `npm run deploy`: checks, migrates, deploys, and asks the new version whether it works. */
import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import manifest from "../package.json" with { type: "json" };
import { readArguments, refuseArguments, wholeNumber } from "./arguments.ts";
import { awaitVersion, roundTrip, unreadiness } from "./deploy/canary.ts";
import { canaryKey, hasCanaryKey, makeCanaryKey } from "./deploy/canary-key.ts";
import {
  type Configuration,
  deployedConfiguration,
  readConfiguration,
  writeConfiguration,
} from "./deploy/configuration.ts";
import {
  ENVIRONMENT_FLAG,
  type Environment,
  environmentName,
  readEnvironment,
} from "./deploy/environment.ts";
import { readMigrations } from "./deploy/migrations.ts";
import { type Facts, type Plan, planDeployment, printed, type Step } from "./deploy/plan.ts";
import { Platform, PlatformError } from "./deploy/platform.ts";
import { problemsOf } from "./deploy/problems.ts";
import { isLocal, serviceUrl } from "./operator.ts";
import { ROOT } from "./tools.ts";

const USAGE = `
Usage: npm run deploy -- [flags]

Checks the configuration, applies the directory's migrations, uploads the Worker and the page, waits until the new version
answers, and sends a message through it. With something missing it says all of it at once, and changes nothing.

  --env <name>       which deployment: environments/<name>.json, made by \`npm run setup\`; production
  --url <address>    where to reach it, if not at the domain of the environment
  --wait <seconds>   how long the new version may take to answer; 60
  --dry-run          say what would be done; build the Worker, and upload nothing
  --allow-breaking   apply migrations that the Worker of now cannot live with
`;

/** Ends with a sentence for the operator. */
function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** Now, to the second, as digits. */
function timeOfNow(): string {
  return new Date().toISOString().replace(/\D/g, "").slice(0, 14);
}

/** What the new version calls itself: the version of package.json, and the commit. */
function newTag(): { tag: string; commit: string } {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  try {
    const isDirty = git("status", "--porcelain", "--untracked-files=no") !== "";
    // Two deployments with local changes are two versions, and the check must not take one for the other.
    const commit = `${git("rev-parse", "--short=12", "HEAD")}${isDirty ? `-dirty-${timeOfNow()}` : ""}`;
    return { tag: `${manifest.version}+${commit}`, commit };
  } catch {
    // An archive without its history: the second is what tells versions apart.
    const commit = timeOfNow();
    return { tag: `${manifest.version}+${commit}`, commit };
  }
}

function urlOf({ domain, worker }: Environment, given: string | undefined): string {
  if (given !== undefined) return addressOf(given);
  if (domain !== null) return `https://${domain}`;
  return fail(
    `${worker} has no domain: say where it is, as in --url https://${worker}.<account>.workers.dev`,
  );
}

/** The address that was given, without a path. An API key goes there: it must not travel in the clear. */
function addressOf(given: string): string {
  const { origin, protocol } = serviceUrl(given);
  const isHere = isLocal(new URL(origin));
  return protocol === "https:" || isHere
    ? origin
    : refuseArguments(`--url takes an https address, not '${given}'`);
}

/** The facts that the plan is decided from. */
function gather(platform: Platform, configuration: Configuration, config: string, asked: Asked): Facts {
  const { env, environment, url, tag } = asked;
  const applied = platform.appliedMigrations(config);
  return {
    env,
    url,
    tag,
    problems: problemsOf(configuration, platform.secrets(environment.worker), env),
    migrations: readMigrations(),
    applied,
    running: platform.runningVersion(config),
    allowsBreaking: asked.allowsBreaking,
    hasCanaryKey: hasCanaryKey(platform, config, env, applied),
  };
}

interface Asked {
  env: string;
  environment: Environment;
  url: string;
  tag: string;
  commit: string;
  /** How long the new version may take to answer, in milliseconds. */
  waitMs: number;
  allowsBreaking: boolean;
}

/** One step. @returns what to say of it. Throws, or returns nothing where it failed. */
async function take({ name }: Step, platform: Platform, config: string, asked: Asked): Promise<string> {
  const { env, url, tag, commit, waitMs } = asked;
  if (name === "migrate") {
    platform.applyMigrations(config);
    return "the directory is up to date";
  }
  if (name === "deploy") return lastLine(platform.deploy(config, tag), /Current Version ID/) ?? "uploaded";
  if (name === "health") {
    const fault = (await awaitVersion(url, commit, waitMs)) ?? (await unreadiness(url));
    if (fault !== null) throw new Error(fault);
    return "it answers, and all its parts do";
  }
  if (name === "key") {
    makeCanaryKey(platform, config, env);
    return `kept in environments/${env}.key`;
  }
  const key = canaryKey(env);
  if (key === null) throw new Error(`no environments/${env}.key, and no CANARY_KEY`);
  const { sent, read } = await roundTrip(url, key);
  return `sent in ${sent} ms, read in ${read} ms`;
}

function lastLine(text: string, pattern: RegExp): string | undefined {
  return text
    .split("\n")
    .findLast((line) => pattern.test(line))
    ?.trim();
}

async function carryOut(plan: Plan, platform: Platform, config: string, asked: Asked): Promise<void> {
  let isUploaded = false;
  for (const [index, step] of plan.steps.entries()) {
    try {
      console.log(`  ${index + 1}. ${step.name}: ${await take(step, platform, config, asked)}`);
      isUploaded ||= step.name === "deploy";
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const back = plan.notes.find((note) => note.startsWith("to go back"));
      fail(
        `  ${index + 1}. ${step.name} failed: ${why}\n${isUploaded ? `The new version runs. ${back ?? ""}` : "The version of before runs on."}`,
      );
    }
  }
}

async function main(): Promise<void> {
  const { values } = readArguments({
    usage: USAGE,
    options: {
      ...ENVIRONMENT_FLAG,
      url: { type: "string" },
      wait: { type: "string", default: "60" },
      "dry-run": { type: "boolean", default: false },
      "allow-breaking": { type: "boolean", default: false },
    },
  });
  const env = environmentName(values.env);
  const environment = readEnvironment(env);
  if (environment === null)
    fail(`There is no environments/${env}.json: npm run setup -- --env ${env} makes it.`);
  if (typeof environment === "string") fail(environment);
  const platform = new Platform(environment.account_id);
  if (platform.accounts().length === 0)
    fail("Nobody is logged in: npx wrangler login, or set CLOUDFLARE_API_TOKEN.");
  const configuration = deployedConfiguration(readConfiguration(), environment);
  const config = writeConfiguration(env, configuration);
  const url = urlOf(environment, values.url);
  const waitMs = wholeNumber("wait", values.wait) * 1_000;
  const asked: Asked = {
    env,
    environment,
    url,
    waitMs,
    ...newTag(),
    allowsBreaking: values["allow-breaking"],
  };
  const facts = gather(platform, configuration, config, asked);
  const plan = planDeployment(facts);
  console.log(printed(facts, plan));
  if (plan.problems.length > 0) process.exit(1);
  if (values["dry-run"]) {
    const size = lastLine(platform.deploy(config, asked.tag, true), /Total Upload/);
    return console.log(`  ${size ?? "built"}\nA dry run: nothing was changed.`);
  }
  await carryOut(plan, platform, config, asked);
  console.log(`${env} runs ${asked.tag}.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main().catch((error: unknown) =>
    fail(error instanceof PlatformError ? error.message : String(error)),
  );
}
