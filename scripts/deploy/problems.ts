/** What is wrong with a deployment before anything is changed. */
import { RATE_LIMITS } from "@rocket-chat-api/protocol/facts";
import { type Configuration, requiredSecrets } from "./configuration.ts";

/** A fault, and the sentence that says what to do. */
export interface Problem {
  what: string;
  mend: string;
}

/** Where wrangler.toml's local database stands; no real one has this id. */
const NO_DATABASE = "00000000-0000-0000-0000-000000000000";
const OBJECTS = { CONVERSATION: "Conversation", USER_HUB: "UserHub" };

/** Everything that is missing or wrong. @param secrets names of those that the Worker has; null: it does not exist yet. */
export function problemsOf(
  configuration: Configuration,
  secrets: readonly string[] | null,
  env: string,
): Problem[] {
  return [
    ...bindingProblems(configuration),
    ...keyProblems(configuration.vars),
    ...settingProblems(configuration),
    ...secretProblems(configuration.vars, secrets, env),
  ];
}

function bindingProblems({
  d1_databases,
  r2_buckets,
  durable_objects,
  ratelimits,
}: Configuration): Problem[] {
  const problems: Problem[] = [];
  const missing = (name: string, table: string) =>
    problems.push({
      what: `no binding ${name}`,
      mend: `wrangler.toml needs it in ${table}, as in the repository`,
    });
  const database = d1_databases.find(({ binding }) => binding === "DB");
  if (database === undefined) missing("DB", "[[d1_databases]]");
  else if (database.database_id === NO_DATABASE)
    problems.push({
      what: "no database",
      mend: "`npm run setup` makes it and writes its id into environments/",
    });
  if (!r2_buckets.some(({ binding }) => binding === "ATTACHMENTS")) missing("ATTACHMENTS", "[[r2_buckets]]");
  for (const [name, className] of Object.entries(OBJECTS)) {
    const binding = durable_objects.bindings.find((entry) => entry.name === name);
    if (binding === undefined) missing(name, "[[durable_objects.bindings]]");
    else if (binding.class_name !== className)
      problems.push({
        what: `the binding ${name} is of the class ${binding.class_name}`,
        mend: `set class_name = "${className}" in wrangler.toml: another class would open none of the data`,
      });
  }
  for (const group of Object.keys(RATE_LIMITS)) {
    const name = `RATE_LIMIT_${group === "address" ? "IP" : group.toUpperCase()}`;
    if (!ratelimits.some((entry) => entry.name === name)) missing(name, "[[ratelimits]]");
  }
  return problems;
}

function keyProblems(vars: Record<string, string>): Problem[] {
  const problems: Problem[] = [];
  const given = ["JWT_JWKS_URL", "JWT_PUBLIC_KEY"].filter((name) => vars[name]);
  if (given.length > 1)
    problems.push({
      what: `both ${given.join(" and ")} are set`,
      mend: "leave one: tokens are verified by one source",
    });
  if (vars.JWT_SECRET)
    problems.push({
      what: "JWT_SECRET is a setting, which everybody who sees the configuration can read",
      mend: "take it out of vars; `npm run setup` stores it as a secret",
    });
  if (!vars.JWT_JWKS_URL) return problems;
  if (!vars.JWT_JWKS_URL.startsWith("https://"))
    problems.push({
      what: "JWT_JWKS_URL is no https address",
      mend: "give the address of your provider's key set",
    });
  for (const name of ["JWT_ISSUER", "JWT_AUDIENCE"]) {
    if (!vars[name])
      problems.push({
        what: `JWT_JWKS_URL without ${name}`,
        mend: `add ${name} to vars: the provider's keys sign tokens of all its applications`,
      });
  }
  return problems;
}

function settingProblems({ vars, ratelimits }: Configuration): Problem[] {
  const problems: Problem[] = [];
  const forbid = (name: string, why: string) => {
    if (vars[name] && !(name === "RATE_LIMIT_MODE" && vars[name] === "on"))
      problems.push({ what: `${name} is set`, mend: `take it out of vars: ${why}` });
  };
  forbid("DEV_ALLOW_LOOPBACK_ORIGINS", "pages on any developer's machine could connect");
  forbid("RATE_LIMIT_MODE", "no request would be limited");
  const wrong = (vars.ALLOWED_ORIGINS ?? "")
    .split(",")
    .filter((text) => text.trim() && !isOrigin(text.trim()));
  if (wrong.length > 0)
    problems.push({
      what: `ALLOWED_ORIGINS has ${wrong.map((text) => `'${text.trim()}'`).join(", ")}`,
      mend: "origins look like https://app.example.com or https://*.example.com, without a path",
    });
  const server = ratelimits.find(({ name }) => name === "RATE_LIMIT_SERVER")?.simple.limit;
  if (
    server !== undefined &&
    vars.SERVER_REQUESTS_PER_MINUTE &&
    Number(vars.SERVER_REQUESTS_PER_MINUTE) !== server
  )
    problems.push({
      what: `SERVER_REQUESTS_PER_MINUTE is ${vars.SERVER_REQUESTS_PER_MINUTE}, RATE_LIMIT_SERVER counts to ${server}`,
      mend: "give both the same figure: headers say the one, the platform refuses by the other",
    });
  return problems;
}

function isOrigin(text: string): boolean {
  if (!/^https?:\/\/(?:\*\.)?[a-z0-9.-]+(?::\d+)?$/i.test(text)) return false;
  return URL.canParse(text.replace("*.", "any."));
}

function secretProblems(
  vars: Record<string, string>,
  secrets: readonly string[] | null,
  env: string,
): Problem[] {
  const missing = requiredSecrets(vars).filter((name) => !(secrets ?? []).includes(name));
  return missing.map((name) => ({
    what: `no secret ${name}`,
    mend: `\`npm run setup -- --env ${env}\` asks for it, or: npx wrangler secret put ${name} -c wrangler.${env}.json`,
  }));
}
