/** Keeps what is made of profiles in step with them: the copies in conversations, and what people are found by. */
import { openDirectory } from "./directory/database.ts";
import { indexSome } from "./directory/people.ts";
import { toCaller, untoldUsers } from "./directory/users.ts";
import type { Caller } from "./domain/caller.ts";
import type { Env } from "./env.ts";
import { errorFields, log } from "./log.ts";
import { hubObject } from "./realtime/objects.ts";

/** Users who are indexed at a time, and how often in one run of the cron trigger; the next one goes on from there. */
const INDEXED_AT_A_TIME = 200;
const INDEX_BATCHES = 50;
/** Hubs that are asked at a time, and how often in one run. */
const ASKED_AT_A_TIME = 20;
const ASK_BATCHES = 25;

/** Has the user's hub tell the conversations of a changed profile. If it cannot, the cron trigger asks it again. */
export async function announceProfile(env: Env, profile: Caller): Promise<void> {
  try {
    await hubObject(env, profile.user_id).profileChanged(profile);
  } catch (error) {
    log("warn", "profile.not_announced", { ...errorFields(error) });
  }
}

/** What was left undone, by a Worker that died or a directory that did not answer. For the cron trigger. */
export async function catchUpProfiles(env: Env): Promise<void> {
  await announceUntold(env);
  const db = openDirectory(env.DB);
  for (let i = 0; i < INDEX_BATCHES; i++) {
    if ((await indexSome(db, INDEXED_AT_A_TIME)) < INDEXED_AT_A_TIME) return;
  }
}

async function announceUntold(env: Env): Promise<void> {
  let after = "";
  for (let i = 0; i < ASK_BATCHES; i++) {
    const rows = await untoldUsers(openDirectory(env.DB), after, ASKED_AT_A_TIME);
    await Promise.all(rows.map((row) => announceProfile(env, toCaller(row))));
    after = rows.at(-1)?.user_id ?? "";
    if (rows.length < ASKED_AT_A_TIME) return;
  }
}
