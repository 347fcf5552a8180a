/** Puts the pieces of push together. */
import { openDirectory } from "../../directory/database.ts";
import { forgetTokens, pushChoicesOf } from "../../directory/device-tokens.ts";
import type { Screen } from "../../domain/screen.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Env } from "../../env.ts";
import { canClear, preparePush } from "../../push/send.ts";
import type { ConversationObject } from "../../realtime/objects.ts";
import type { Stubs } from "../../realtime/stubs.ts";
import { pushGraceMs } from "../../settings.ts";
import type { HubStore } from "../store.ts";
import type { CheckHost } from "./check.ts";
import { dropToken } from "./devices.ts";
import { DroppedTokens } from "./dropped-tokens.ts";
import { PushInbox } from "./push-inbox.ts";
import { PushOutbox } from "./push-outbox.ts";
import { PushStore } from "./push-store.ts";
import { Rollout } from "./rollout.ts";
import { sendTraced } from "./traced-send.ts";
import { UserPush } from "./user-push.ts";

/** What push needs of its hub. */
export interface PushHost {
  env: Env;
  store: HubStore;
  conversations: Stubs<ConversationObject>;
  /** What is on the user's screens. */
  screens(): Screen[];
  /** Whether the user has blocked another. */
  isBlocked(userId: string): boolean;
  ringBy(time: EpochMs | undefined): void;
  waitUntil(work: Promise<unknown>): void;
}

/** The push of one user. */
export function assemblePush({ env, store, conversations, ...host }: PushHost): UserPush {
  const rows = new PushStore(store);
  const userId = () => store.row()?.user_id ?? "";
  const { ringBy, waitUntil, screens, isBlocked } = host;
  const ask = (id: string, seq: number) =>
    conversations.call(id, (conversation) => conversation.pushState(userId(), seq));
  const tellSoon = () => waitUntil(rollout.run());
  const inbox = new PushInbox(rows, {
    userId,
    screens,
    isBlocked,
    graceMs: pushGraceMs(env),
    ringBy,
    tellSoon,
  });
  const outbox: PushOutbox = new PushOutbox(rows, inbox, {
    send: (target, push, call) => sendTraced(env, target, push, call),
    canClear,
    ask,
    tokenDied: (device) => {
      dropToken(rows, device);
      waitUntil(dropped.run(Date.now()));
      // Without a device, conversations need not call.
      rollout.reword(Date.now());
      waitUntil(rollout.run());
    },
    ringBy,
  });
  const rollout: Rollout = new Rollout(rows, inbox, {
    choices: () => pushChoicesOf(openDirectory(env.DB), userId()),
    idleIn: () => store.idleIn(),
    setWord: (id, word, seq, isRaised) =>
      conversations.call(id, (conversation) => conversation.pushState(userId(), seq, word, isRaised)),
    ringBy,
  });
  const dropped = new DroppedTokens(rows.tokens, {
    forget: (tokens) => forgetTokens(openDirectory(env.DB), tokens, userId()),
    ringBy,
  });
  const checks: CheckHost = {
    ask,
    prepare: async (target, push, now) => (await preparePush(env, target, push, now))?.payload,
  };
  return new UserPush(
    { store: rows, inbox, outbox, rollout, dropped, host: checks },
    { ensureUser: (id) => ensureUser(store, id), waitUntil, ringBy },
  );
}

async function ensureUser(store: HubStore, userId: string): Promise<void> {
  await store.ensureTables();
  store.rowOf(userId);
}
