/** What wrangler gets for a deployment: wrangler.toml, which is the same for all, and what the environment says. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { ROOT } from "../tools.ts";
import type { Environment } from "./environment.ts";

const Bucket = z.looseObject({ binding: z.string(), bucket_name: z.string() });
const Database = z.looseObject({ binding: z.string(), database_name: z.string(), database_id: z.string() });

/** The parts of wrangler.toml that a deployment changes or checks. All others pass through. */
export const Configuration = z.looseObject({
  name: z.string(),
  main: z.string(),
  vars: z.record(z.string(), z.string()).default({}),
  d1_databases: z.array(Database).default([]),
  r2_buckets: z.array(Bucket).default([]),
  durable_objects: z
    .looseObject({ bindings: z.array(z.looseObject({ name: z.string(), class_name: z.string() })) })
    .default({ bindings: [] }),
  ratelimits: z
    .array(z.looseObject({ name: z.string(), simple: z.object({ limit: z.number(), period: z.number() }) }))
    .default([]),
});
export type Configuration = z.infer<typeof Configuration>;

/** Reads wrangler.toml. @param root another folder than this checkout, for tests. */
export function readConfiguration(root = ROOT): Configuration {
  return Configuration.parse(parse(readFileSync(join(root, "wrangler.toml"), "utf8")));
}

/** Names of secrets that every deployment needs; which more, depends on its settings. */
const ALWAYS = ["IDENTITY_SECRET", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"];

/** The secrets without which this deployment would fail at the first request that needs them. */
export function requiredSecrets(vars: Record<string, string>): string[] {
  const hasKeys = Boolean(vars.JWT_JWKS_URL || vars.JWT_PUBLIC_KEY);
  const push = [
    ...(vars.APNS_KEY_ID ? ["APNS_KEY"] : []),
    ...(vars.VAPID_PUBLIC_KEY ? ["VAPID_PRIVATE_KEY"] : []),
  ];
  return [...(hasKeys ? [] : ["JWT_SECRET"]), ...ALWAYS, ...push];
}

/** The whole configuration of one deployment. */
export function deployedConfiguration(base: Configuration, environment: Environment): Configuration {
  const { worker, account_id, domain, database, bucket } = environment;
  const vars = {
    ...base.vars,
    R2_BUCKET: bucket.name,
    ...(bucket.jurisdiction === undefined
      ? { R2_ACCOUNT_ID: account_id }
      : { R2_S3_ENDPOINT: `https://${account_id}.${bucket.jurisdiction}.r2.cloudflarestorage.com` }),
    ...environment.vars,
  };
  const { dev: _, ...rest } = base;
  return {
    ...rest,
    name: worker,
    account_id,
    vars,
    ...(domain === null ? { workers_dev: true } : { routes: [{ pattern: domain, custom_domain: true }] }),
    d1_databases: base.d1_databases.map((entry) => ({
      ...entry,
      database_name: database.name,
      database_id: database.id,
    })),
    r2_buckets: base.r2_buckets.map(({ local_dev: __, ...entry }) => ({
      ...entry,
      bucket_name: bucket.name,
      ...(bucket.jurisdiction === undefined ? {} : { jurisdiction: bucket.jurisdiction }),
    })),
    // Wrangler, too, refuses a deployment that lacks one.
    secrets: { required: requiredSecrets(vars) },
    minify: true,
    upload_source_maps: true,
  };
}

/** Writes it beside wrangler.toml, since paths in it are from there; git ignores the file. @returns its name. */
export function writeConfiguration(name: string, configuration: Configuration, root = ROOT): string {
  const file = `wrangler.${name}.json`;
  writeFileSync(join(root, file), `${JSON.stringify(configuration, null, 2)}\n`);
  return file;
}
