/** What the cron trigger reads of the directory each minute: what is to be done, and nothing of what was done. */
import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { withFaults } from "./faults.ts";

const DAY = 86_400_000;
/** Rows of each kind that were dealt with long ago. */
const MANY = 500;
/** What their ids begin with. */
const MARK = "cron-cost-";

/** A query that was asked. */
interface Asked {
  sql: string;
  params: unknown[];
}

/** The bindings, with a directory that notes what it is asked. */
function noting(asked: Asked[]): Env {
  const DB = new Proxy(env.DB, {
    get(target, property) {
      const value = Reflect.get(target, property);
      if (property !== "prepare") return typeof value === "function" ? value.bind(target) : value;
      return (sql: string) => {
        const statement = target.prepare(sql);
        const bind = statement.bind.bind(statement);
        statement.bind = (...params: unknown[]) => {
          asked.push({ sql, params });
          return bind(...params);
        };
        return statement;
      };
    },
  });
  const settings = { DB, MESSAGE_RETENTION_DAYS: "30" };
  return new Proxy(withFaults(env), {
    get: (target, property) => Reflect.get(property in settings ? settings : target, property),
  });
}

/** Runs the cron trigger. @returns each query with how many rows it reads. */
async function readInAMinute(): Promise<Map<string, number>> {
  const asked: Asked[] = [];
  await worker.scheduled(createScheduledController(), noting(asked));
  const read = new Map<string, number>();
  for (const { sql, params } of asked.filter((one) => /^\s*(?:SELECT|WITH)/i.test(one.sql))) {
    const { meta } = await env.DB.prepare(sql)
      .bind(...params)
      .all();
    read.set(sql, (read.get(sql) ?? 0) + meta.rows_read);
  }
  return read;
}

/** Fills tables with what nothing is to be done with. */
async function fill(): Promise<void> {
  const rows = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})`;
  const id = `'${MARK}' || lower(hex(randomblob(16)))`;
  const item = `INSERT INTO moderation_items
    (item_id, target_type, target_id, status, opened_at, decided_at, action, is_applied) ${rows}`;
  const old = Date.now() - 40 * DAY;
  await env.DB.batch([
    env.DB.prepare(`${item} SELECT ${id}, 'user', ${id}, 'done', ?1, ?1, 'warn', 1 FROM n`).bind(old),
    env.DB.prepare(`${item} SELECT ${id}, 'user', ${id}, 'open', ?1, NULL, NULL, 0 FROM n`).bind(old),
    env.DB.prepare(
      `INSERT INTO jobs (job_id, kind, subject, status, progress, created_at, updated_at) ${rows}
        SELECT ${id}, 'delete_messages', ${id}, 'done', 1, ?1, ?1 FROM n`,
    ).bind(old),
  ]);
}

afterEach(async () => {
  await env.DB.batch([
    env.DB.prepare(`DELETE FROM moderation_items WHERE item_id LIKE '${MARK}%'`),
    env.DB.prepare(`DELETE FROM jobs WHERE job_id LIKE '${MARK}%'`),
    // The days of another test are not these.
    env.DB.prepare("DELETE FROM jobs WHERE kind = 'apply_retention'"),
  ]);
});

describe("the cron trigger", () => {
  it("[R10 R28 R29 PLAN-5] reads nothing of decisions that are carried out, of items that wait for moderators, and of jobs that have ended", async () => {
    const before = await readInAMinute();
    await fill();
    // Decisions are looked at once: whether anything is to be forgotten of their reports.
    for (let minute = 0; minute < MANY / 100; minute++) await readInAMinute();
    const after = await readInAMinute();
    const grown = [...after].filter(([sql, rows]) => rows - (before.get(sql) ?? 0) > MANY / 10);
    expect(grown).toEqual([]);
    expect(after.size).toBeGreaterThan(8);
  }, 60_000);
});
