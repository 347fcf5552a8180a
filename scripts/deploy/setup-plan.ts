/** What a first deployment lacks at the platform, decided from what is there. Repeating a setup makes nothing twice. */
import { requiredSecrets } from "./configuration.ts";

/** What is there. */
export interface Found {
  /** The id of a database of this name; null: there is none. */
  database: string | null;
  hasBucket: boolean;
  /** Names of secrets; null: there is no such Worker. */
  secrets: readonly string[] | null;
}

/** What is wanted. */
export interface Wanted {
  env: string;
  worker: string;
  database: string;
  bucket: string;
  /** Origins of pages that upload; empty: no rule is needed. */
  origins: readonly string[];
  vars: Record<string, string>;
}

export type SetupStep =
  | { name: "database" | "bucket" | "cors" | "file"; text: string }
  | { name: "secret"; secret: string; isMade: boolean; text: string };

/** Secrets that are random: nobody has to think of them. */
const MADE = new Set(["IDENTITY_SECRET", "JWT_SECRET"]);
/** Where the others come from. */
const SOURCES: Record<string, string> = {
  R2_ACCESS_KEY_ID: "dashboard, R2, Manage API tokens: object read and write, for this bucket alone",
  R2_SECRET_ACCESS_KEY: "shown with the id",
  APNS_KEY: "the .p8 file: docs/push.md",
  VAPID_PRIVATE_KEY: "npm run vapid-keys",
};

/** What is to be done, in order. */
export function planSetup(found: Found, wanted: Wanted): SetupStep[] {
  const { env, database, bucket, origins } = wanted;
  const steps: SetupStep[] = [];
  if (found.database === null) steps.push({ name: "database", text: `create the D1 database ${database}` });
  if (!found.hasBucket) steps.push({ name: "bucket", text: `create the R2 bucket ${bucket}` });
  if (origins.length > 0)
    steps.push({ name: "cors", text: `let pages of ${origins.join(", ")} upload to ${bucket}` });
  steps.push({ name: "file", text: `write environments/${env}.json` });
  const missing = requiredSecrets(wanted.vars).filter((secret) => !(found.secrets ?? []).includes(secret));
  for (const secret of missing) {
    const isMade = MADE.has(secret);
    const source = isMade ? "random" : (SOURCES[secret] ?? "see README");
    steps.push({ name: "secret", secret, isMade, text: `store the secret ${secret} (${source})` });
  }
  return steps;
}

/** The rule that lets pages upload: docs/attachments.md. */
export function corsRule(origins: readonly string[]): object {
  const allowed = { origins, methods: ["PUT"], headers: ["content-type"] };
  return { rules: [{ allowed, maxAgeSeconds: 86_400 }] };
}
