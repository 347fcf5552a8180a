/** Propagates changes of profiles and privacy to conversations, to the user search, and to the user's own devices. */
import { encodeEvent } from "@rocket-chat-api/protocol";
import { openDirectory } from "./directory/database.ts";
import { indexSome } from "./directory/people.ts";
import { toPrivacy } from "./directory/privacy.ts";
import type { UserRow } from "./directory/schema.ts";
import { unannouncedUsers } from "./directory/unannounced.ts";
import { toCaller } from "./directory/users.ts";
import type { Caller } from "./domain/caller.ts";
import type { Env } from "./env.ts";
import { errorFields, log } from "./log.ts";
import { hubObject } from "./realtime/objects.ts";

/** Users indexed in one batch. */
const INDEX_BATCH = 200;
/** Batches of users indexed in one run of the cron trigger. The next run continues from there. */
const INDEX_BATCHES = 50;
/** Users announced in one batch. */
const ANNOUNCE_BATCH = 20;
/** Batches of users announced in one run of the cron trigger. */
const ANNOUNCE_BATCHES = 25;

/**
 * Asks the user's hub to announce a changed profile to the conversations. If that fails, the cron trigger tries again.
 */
export async function announceProfile(env: Env, profile: Caller): Promise<void> {
  try {
    await hubObject(env, profile.user_id).profileChanged(profile);
  } catch (error) {
    log("warn", "profile.not_announced", { ...errorFields(error) });
  }
}

/** Tells a user's own devices their privacy settings. Who cannot be reached asks when it needs them. */
export async function announcePrivacy(env: Env, row: UserRow): Promise<void> {
  try {
    const frame = encodeEvent({ type: "privacy.updated", data: toPrivacy(row) });
    await hubObject(env, row.user_id).sendCustom(frame);
  } catch (error) {
    log("warn", "privacy.not_announced", { ...errorFields(error) });
  }
}

/** Finishes propagation that failed because a Worker died or the directory did not answer. For the cron trigger. */
export async function catchUpProfiles(env: Env): Promise<void> {
  await announcePending(env);
  const db = openDirectory(env.DB);
  for (let i = 0; i < INDEX_BATCHES; i++) {
    if ((await indexSome(db, INDEX_BATCH)) < INDEX_BATCH) return;
  }
}

async function announcePending(env: Env): Promise<void> {
  let after = "";
  for (let i = 0; i < ANNOUNCE_BATCHES; i++) {
    const rows = await unannouncedUsers(openDirectory(env.DB), after, ANNOUNCE_BATCH);
    await Promise.all(rows.map((row) => announceProfile(env, toCaller(row))));
    after = rows.at(-1)?.user_id ?? "";
    if (rows.length < ANNOUNCE_BATCH) return;
  }
}
