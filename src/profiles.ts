/** Keeps what is made of profiles in step with them: the copies in conversations, and what people are found by. */
import { openDirectory } from "./directory/database.ts";
import { indexSome } from "./directory/people.ts";
import { toCaller, untoldUsers } from "./directory/users.ts";
import type { Caller } from "./domain/caller.ts";
import type { Env } from "./env.ts";
import { errorFields, log } from "./log.ts";

/** Users in one batch of the cron trigger, and batches in one run; the next one goes on from there. */
const BATCH = 200;
const BATCHES = 50;
/** Users whose hubs the cron trigger asks in one run. */
const UNTOLD = 100;

/** Has the user's hub tell the conversations of a changed profile. If it cannot, the cron trigger asks it again. */
export async function announceProfile(env: Env, profile: Caller): Promise<void> {
  try {
    await env.USER_HUB.get(env.USER_HUB.idFromName(profile.user_id)).profileChanged(profile);
  } catch (error) {
    log("warn", "profile.not_announced", { ...errorFields(error) });
  }
}

/** What was left undone, by a Worker that died or a directory that did not answer. For the cron trigger. */
export async function catchUpProfiles(env: Env): Promise<void> {
  const db = openDirectory(env.DB);
  for (const row of await untoldUsers(db, UNTOLD)) await announceProfile(env, toCaller(row));
  for (let i = 0; i < BATCHES; i++) if ((await indexSome(db, BATCH)) < BATCH) return;
}
