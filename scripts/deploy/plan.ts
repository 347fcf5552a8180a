/** What a deployment does, in its order, or why it does not begin. Decided before anything is changed. */
import { type Migration, pendingMigrations, subtractions, unknownMigrations } from "./migrations.ts";
import type { Problem } from "./problems.ts";

/** What is known before it begins. */
export interface Facts {
  env: string;
  /** Where clients reach it. */
  url: string;
  /** What the new version calls itself: version and commit. */
  tag: string;
  problems: readonly Problem[];
  migrations: readonly Migration[];
  /** Names of those that the directory has. */
  applied: readonly string[];
  /** The version that answers now; null: nothing was deployed. */
  running: string | null;
  /** `--allow-breaking`: apply migrations that the Worker of now cannot live with. */
  allowsBreaking: boolean;
  hasCanaryKey: boolean;
}

/** One step, as it is printed before it is done. */
export interface Step {
  name: "migrate" | "deploy" | "health" | "key" | "canary";
  text: string;
}

export interface Plan {
  problems: Problem[];
  /** What the operator should know, beside the steps. */
  notes: string[];
  steps: Step[];
  pending: Migration[];
}

/** Decides. With problems there are no steps. */
export function planDeployment(facts: Facts): Plan {
  const { env, url, tag, applied, running } = facts;
  const pending = pendingMigrations(facts.migrations, applied);
  const problems = [...facts.problems, ...migrationProblems(facts, pending)];
  if (problems.length > 0) return { problems, notes: [], steps: [], pending };
  const names = pending.map(({ name }) => name);
  const steps: Step[] = [
    ...(names.length === 0
      ? []
      : [
          {
            name: "migrate" as const,
            text: `apply ${count(names.length, "migration")} to the directory: ${names.join(", ")}`,
          },
        ]),
    { name: "deploy", text: `upload the Worker and the page as ${tag}` },
    { name: "health", text: `wait until ${url}/health names this commit, and ask /health/ready` },
    ...(facts.hasCanaryKey
      ? []
      : [{ name: "key" as const, text: `make an API key for the check (environments/${env}.key)` }]),
    { name: "canary", text: "send a message between two people of its own, read and delete it" },
  ];
  return { problems: [], notes: notesOf(facts, pending, running), steps, pending };
}

function migrationProblems(
  { migrations, applied, running, allowsBreaking }: Facts,
  pending: Migration[],
): Problem[] {
  const unknown = unknownMigrations(migrations, applied);
  if (unknown.length > 0)
    return [
      {
        what: `the directory has ${unknown.join(", ")}, which this checkout does not have`,
        mend: "deploy the newer checkout; to go back behind a migration, see docs/upgrading.md",
      },
    ];
  if (running === null || allowsBreaking) return [];
  return pending.flatMap((migration) =>
    subtractions(migration).map((statement) => ({
      what: `${migration.name} is not additive: ${shortened(statement)}`,
      mend: "the Worker of now fails on it until the new one runs. Announce a pause and pass --allow-breaking (docs/upgrading.md)",
    })),
  );
}

function notesOf(
  { env, allowsBreaking }: Facts,
  pending: readonly Migration[],
  running: string | null,
): string[] {
  const notes: string[] = [];
  if (allowsBreaking && running !== null && pending.some((migration) => subtractions(migration).length > 0))
    notes.push(
      "migrations are not additive: requests that need the directory may fail until the new version runs",
    );
  notes.push(
    running === null
      ? "nothing is deployed yet, so there is nothing to go back to"
      : `to go back: npx wrangler rollback ${running} -c wrangler.${env}.json (additive migrations may stay)`,
  );
  return notes;
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** The plan as the operator reads it. */
export function printed({ env, url, tag }: Facts, plan: Plan): string {
  if (plan.problems.length > 0) {
    const lines = plan.problems.map(({ what, mend }) => `  - ${what}\n      ${mend}`);
    return [`${env} cannot be deployed:`, ...lines, "Nothing was changed."].join("\n");
  }
  return [
    `${env}: ${tag} to ${url}`,
    ...plan.steps.map(({ text }, index) => `  ${index + 1}. ${text}`),
    ...plan.notes.map((note) => `  Note: ${note}`),
  ].join("\n");
}
