/** A push token has one owner: the last user who registered it. The others' hubs give it up (rule 27). */
import { openDirectory } from "./directory/database.ts";
import { type ClaimedToken, claimToken, markReleased, unreleasedTokens } from "./directory/device-tokens.ts";
import type { Env } from "./env.ts";
import { errorFields, log } from "./log.ts";
import { hubObject } from "./realtime/objects.ts";

/** Tokens that one run of the cron trigger looks at. */
const BATCH = 100;

/**
 * Makes a user the owner of a token. Its earlier owners' hubs have given it up when this resolves. Rejects if one of them
 * cannot be reached: then the caller must not get it, since the other might still be pushed to with it.
 */
export async function takeToken(
  env: Env,
  tokenHash: string,
  userId: string,
  deviceId: string,
): Promise<ClaimedToken> {
  const claimed = await claimToken(openDirectory(env.DB), tokenHash, userId, deviceId, Date.now());
  await release(env, claimed);
  return claimed;
}

async function release(env: Env, claimed: ClaimedToken): Promise<void> {
  const { token_hash, version, former } = claimed;
  if (former.length === 0) return;
  await Promise.all(
    former.map((userId) => hubObject(env, userId).askPush(userId, "release", { token_hash, version })),
  );
  await markReleased(openDirectory(env.DB), claimed);
}

/** Finishes what failed because a hub could not be reached. For the cron trigger. */
export async function releaseTokens(env: Env): Promise<void> {
  for (const claimed of await unreleasedTokens(openDirectory(env.DB), BATCH)) {
    try {
      await release(env, claimed);
    } catch (error) {
      log("warn", "push.token_not_released", { ...errorFields(error) });
    }
  }
}
