/** Puts the pieces of push together. */
import { openDirectory } from "../../directory/database.ts";
import { forgetToken, pushChoicesOf } from "../../directory/device-tokens.ts";
import type { Screen } from "../../domain/screen.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Env } from "../../env.ts";
import { errorFields, log } from "../../log.ts";
import { canClear, preparePush, sendPush } from "../../push/send.ts";
import type { ConversationObject } from "../../realtime/objects.ts";
import type { Stubs } from "../../realtime/stubs.ts";
import { pushGraceMs } from "../../settings.ts";
import type { HubStore } from "../store.ts";
import type { CheckHost } from "./check.ts";
import { PushInbox } from "./push-inbox.ts";
import { PushOutbox } from "./push-outbox.ts";
import { type DeviceRow, PushStore } from "./push-store.ts";
import { Rollout } from "./rollout.ts";
import { UserPush } from "./user-push.ts";

/** What push needs of its hub. */
export interface PushHost {
  env: Env;
  store: HubStore;
  conversations: Stubs<ConversationObject>;
  /** What is on the user's screens. */
  screens(): Screen[];
  ringBy(time: EpochMs | undefined): void;
  waitUntil(work: Promise<unknown>): void;
}

/** The push of one user. */
export function assemblePush({ env, store, conversations, ...host }: PushHost): UserPush {
  const rows = new PushStore(store);
  const userId = () => store.row()?.user_id ?? "";
  const { ringBy, waitUntil, screens } = host;
  const ask = (id: string, seq: number) =>
    conversations.call(id, (conversation) => conversation.pushState(userId(), seq));
  const inbox = new PushInbox(rows, { userId, screens, graceMs: pushGraceMs(env), ringBy });
  const outbox: PushOutbox = new PushOutbox(rows, inbox, {
    send: (target, push, id) => sendPush(env, target, push, { id, now: Date.now() }),
    canClear,
    ask,
    tokenDied: (device) => {
      waitUntil(forget(env, userId(), device));
      // Without a device, conversations need not call.
      rollout.reword(Date.now());
      waitUntil(rollout.run());
    },
    ringBy,
  });
  const rollout: Rollout = new Rollout(rows, inbox, {
    choices: () => pushChoicesOf(openDirectory(env.DB), userId()),
    idleIn: () => store.idleIn(),
    setWord: (id, word, isRaised) =>
      conversations.call(id, (conversation) => conversation.pushState(userId(), 0, word, isRaised)),
    ringBy,
  });
  const checks: CheckHost = {
    ask,
    prepare: async (target, push, now) => (await preparePush(env, target, push, now))?.payload,
  };
  return new UserPush(
    { store: rows, inbox, outbox, rollout, host: checks },
    { ensureUser: (id) => ensureUser(store, id), waitUntil, ringBy },
  );
}

async function ensureUser(store: HubStore, userId: string): Promise<void> {
  await store.ensureTables();
  store.rowOf(userId);
}

/** Deletes a dead token from the directory. If that fails it stays there, and its next registration finds it. */
async function forget(
  env: Env,
  userId: string,
  { token_hash, token_version: version }: DeviceRow,
): Promise<void> {
  try {
    await forgetToken(openDirectory(env.DB), { token_hash, version }, userId);
  } catch (error) {
    log("warn", "push.token_not_forgotten", { ...errorFields(error) });
  }
}
