/** What one deployment is: a file of its own, `environments/<name>.json`, which is never committed. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { refuseArguments } from "../arguments.ts";
import { ROOT } from "../tools.ts";

/** What `npm run setup` has made, and what its operator has decided. */
export const Environment = z.strictObject({
  /** The Worker's name at the platform. */
  worker: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  account_id: z.string().min(1),
  /** The name that clients use, a custom domain of the account; null: an address under workers.dev, for a trial. */
  domain: z
    .string()
    .regex(/^(?:[a-z0-9-]+\.)+[a-z]{2,}$/)
    .nullable(),
  database: z.strictObject({ name: z.string().min(1), id: z.string().min(1) }),
  bucket: z.strictObject({ name: z.string().min(3), jurisdiction: z.string().optional() }),
  /** Settings (`[vars]` of wrangler.toml) of this deployment alone. */
  vars: z.record(z.string(), z.string()).default({}),
});
export type Environment = z.infer<typeof Environment>;

/** Flag of all commands that concern a deployment. */
export const ENVIRONMENT_FLAG = { env: { type: "string", default: "production" } } as const;

/** Checks the name of an environment, or ends the script. */
export function environmentName(text: string): string {
  return /^[a-z][a-z0-9-]{0,30}$/.test(text) ? text : refuseArguments(`--env takes a word, not '${text}'`);
}

/** Where an environment's file lies. @param root another folder than this checkout, for tests. */
export function environmentFile(name: string, root = ROOT): string {
  return join(root, "environments", `${name}.json`);
}

/** Reads an environment: null if there is none, a sentence if the file is wrong. */
export function readEnvironment(name: string, root = ROOT): Environment | string | null {
  const file = environmentFile(name, root);
  if (!existsSync(file)) return null;
  try {
    const parsed = Environment.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (parsed.success) return parsed.data;
    const faults = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "the file"}: ${message}`,
    );
    return `environments/${name}.json: ${faults.join("; ")}`;
  } catch (error) {
    return `environments/${name}.json is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Writes an environment. */
export function writeEnvironment(name: string, environment: Environment, root = ROOT): void {
  mkdirSync(join(root, "environments"), { recursive: true });
  writeFileSync(environmentFile(name, root), `${JSON.stringify(environment, null, 2)}\n`);
}
