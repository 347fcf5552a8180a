/** Push for one user: devices, preferences, and what conversations tell. The one way in for the hub. */
import { DEFAULT_PUSH_PREFERENCES, type PushTest } from "@rocket-chat-api/protocol";
import type { ErasureOrder } from "../../domain/erased-person.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import { endOfMute, isMuted } from "../../domain/preferences.ts";
import type { NumberedWord, PushNote } from "../../domain/push-note.ts";
import type { PushRequestName, PushRequests } from "../../domain/push-requests.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { UnreadBase } from "../../domain/unread.ts";
import { settledWithin } from "../../realtime/settled-within.ts";
import { lookAgain } from "./blocked.ts";
import { type CheckHost, checkPush } from "./check.ts";
import { newConversation } from "./conversation-rows.ts";
import { dropToken, registerDevice, registeredDevice, releaseToken, toDevice } from "./devices.ts";
import type { DroppedTokens } from "./dropped-tokens.ts";
import { forgetInPushes } from "./forget-person.ts";
import { logEntry } from "./plan.ts";
import { patched } from "./preferences.ts";
import { type PushInbox, SAFETY_NET_MS } from "./push-inbox.ts";
import type { PushOutbox } from "./push-outbox.ts";
import type { ConversationRow, PushState, PushStore } from "./push-store.ts";
import type { Rollout } from "./rollout.ts";

/** What push needs of its hub. */
export interface UserPushHost {
  /** Makes sure that there are tables, and the row of the user. */
  ensureUser(userId: string): Promise<void>;
  waitUntil(work: Promise<unknown>): void;
  ringBy(time: EpochMs | undefined): void;
}

/** Milliseconds that an alarm waits for providers. While it runs no other rings, and tokens of sockets end by the alarm, too. */
const ALARM_WAIT_MS = 1_000;

interface Parts {
  store: PushStore;
  inbox: PushInbox;
  outbox: PushOutbox;
  rollout: Rollout;
  dropped: DroppedTokens;
  host: CheckHost;
}

type Handler<Name extends PushRequestName> = (
  input: PushRequests[Name]["input"],
  now: EpochMs,
) => Outcome<PushRequests[Name]["result"]> | Promise<Outcome<PushRequests[Name]["result"]>>;

/** Requests that need the row of the user, who may never have been seen here. */
const NEED_USER: ReadonlySet<PushRequestName> = new Set([
  "register",
  "release",
  "updatePreferences",
  "check",
]);

const NO_DEVICE = "No such device";

export class UserPush {
  readonly #its: Parts;
  readonly #host: UserPushHost;

  constructor(parts: Parts, host: UserPushHost) {
    this.#its = parts;
    this.#host = host;
  }

  /** What a conversation is told with the answer to its call; undefined if the user never had a device. */
  wordOf(conversationId: string): NumberedWord | undefined {
    return this.#its.inbox.wordOf(conversationId);
  }

  /** Takes a note from a conversation, and sends what it causes after the answer. */
  noted(note: PushNote): NumberedWord {
    const word = this.#its.inbox.noted(note, Date.now());
    this.#host.waitUntil(this.#its.outbox.queue.run());
    return word;
  }

  /**
   * What the unread totals are made of (rule 30); undefined if conversations do not tell all of it. It is a second old at most,
   * and there while the directory is down.
   */
  unreadBase(): UnreadBase | undefined {
    const { store } = this.#its;
    if (!store.state()?.is_seeded || !store.hasActiveDevice) return undefined;
    const rows = store.conversations();
    if (rows.some(({ word, is_told, is_stale }) => word === "none" || !is_told || is_stale)) return undefined;
    const countsOf = ({ unread_count, unread_mentions, is_request }: ConversationRow) =>
      is_request ? { unread: 0, mentions: 0 } : { unread: unread_count, mentions: unread_mentions };
    return {
      counts: new Map(rows.map((row) => [row.conversation_id, countsOf(row)])),
      mutes: new Map(rows.filter((row) => row.is_muted).map((row) => [row.conversation_id, endOfMute(row)])),
    };
  }

  /** Conversations know of a new block: what is shown and what waits is looked at again. Never rejects. */
  async blocked(now: EpochMs): Promise<void> {
    await lookAgain(this.#its, now);
    await this.#its.outbox.queue.run();
  }

  /** The conversations that have told this hub of themselves. */
  conversations(): string[] {
    const { store } = this.#its;
    return store.state() ? store.conversations().map(({ conversation_id }) => conversation_id) : [];
  }

  /** Forgets an erased person. @returns whether anything about pushes was ever kept here. */
  forget(order: ErasureOrder): boolean {
    const { store } = this.#its;
    if (!store.state()) return false;
    forgetInPushes(store, order);
    return true;
  }

  /** Whether the user may be pushed to has changed. */
  restricted(now: EpochMs): void {
    this.#reword(now);
  }

  /** Answers a request of a route. */
  async ask<Name extends PushRequestName>(
    userId: string,
    name: Name,
    input: PushRequests[Name]["input"],
  ): Promise<Outcome<PushRequests[Name]["result"]>> {
    if (NEED_USER.has(name)) await this.#host.ensureUser(userId);
    const handler = this.#handlers[name] as Handler<Name>;
    return await handler(input, Date.now());
  }

  /** Sends what is due, and tells conversations what they have not been told. */
  async alarm(now: EpochMs): Promise<void> {
    const { store, outbox, rollout, dropped } = this.#its;
    if (!store.state()) return;
    await Promise.all([
      settledWithin(outbox.queue.run(), ALARM_WAIT_MS),
      rollout.alarm(now),
      dropped.run(now),
    ]);
    // If this object dies before a provider has answered, the alarm goes on.
    if (outbox.queue.isSending) this.#host.ringBy(Date.now() + SAFETY_NET_MS);
  }

  readonly #handlers: { readonly [Name in PushRequestName]: Handler<Name> } = {
    registered: (wanted) => registeredDevice(this.#its.store, wanted),
    register: (wanted, now) => {
      const { store } = this.#its;
      const state = this.#stateOrNew();
      const isFirst = !store.hasActiveDevice;
      const outcome = registerDevice(store, wanted, now);
      if (isFirst && outcome.ok) store.putState({ ...state, is_seeded: false, wanted_since: now });
      this.#reword(now);
      this.#forgetDropped(now);
      return outcome;
    },
    devices: () => found([...this.#its.store.devices().values()].map(toDevice)),
    remove: async ({ device_id }, now) => {
      const { store, outbox } = this.#its;
      const device = store.devices().get(device_id);
      if (!device) return refused("NOT_FOUND", NO_DEVICE);
      store.removeDevice(device_id);
      dropToken(store, device);
      this.#reword(now);
      this.#forgetDropped(now);
      await outbox.sends.ended(device.token_hash);
      return found(null);
    },
    release: async ({ token_hash, version }, now) => {
      releaseToken(this.#its.store, token_hash, version);
      this.#reword(now);
      await this.#its.outbox.sends.ended(token_hash);
      return found(null);
    },
    log: ({ device_id }) => {
      const device = this.#its.store.devices().get(device_id);
      return device ? found(device.log) : refused("NOT_FOUND", NO_DEVICE);
    },
    test: async ({ device_id }, now) => await this.#test(device_id, now),
    check: async (message, now) => await checkPush(this.#its, message, now),
    preferences: () => found(this.#its.store.state()?.preferences ?? DEFAULT_PUSH_PREFERENCES),
    updatePreferences: (patch, now) => {
      const state = this.#stateOrNew();
      const preferences = patched(state.preferences, patch);
      const isRaised = state.preferences.level === "none" && preferences.level !== "none";
      this.#its.store.putState({ ...state, preferences, ...(isRaised && { wanted_since: now }) });
      this.#reword(now);
      return found(preferences);
    },
    choose: ({ conversation_id, ...choice }, now) => {
      const { store, rollout } = this.#its;
      rollout.chosen(conversation_id);
      const row = store.state() ? store.conversation(conversation_id) : undefined;
      const known = row ?? (store.hasActiveDevice ? newConversation(conversation_id) : undefined);
      if (known) store.putConversation({ ...known, ...choice });
      // A muted conversation counts in no badge.
      if (row && isMuted(row, now) && !isMuted(choice, now)) this.#its.inbox.badges.raise(row, now);
      else if (row) this.#its.inbox.badges.lower(conversation_id, now);
      this.#reword(now);
      return found(null);
    },
  };

  #stateOrNew(): PushState {
    const preferences = DEFAULT_PUSH_PREFERENCES;
    const fresh = {
      preferences,
      version: 0,
      is_seeded: false,
      wanted_since: null,
      failures: 0,
      retry_at: null,
    };
    return this.#its.store.state() ?? fresh;
  }

  /** Something has changed that words depend on. Conversations are told after the answer. */
  #reword(now: EpochMs): void {
    const { store, rollout } = this.#its;
    if (!store.state()) return;
    rollout.reword(now);
    this.#host.waitUntil(rollout.run());
  }

  /** The directory hears of tokens that are no longer in use, after the answer. */
  #forgetDropped(now: EpochMs): void {
    this.#host.waitUntil(this.#its.dropped.run(now));
  }

  async #test(device_id: string, now: EpochMs): Promise<Outcome<PushTest>> {
    const { store, outbox } = this.#its;
    const device = store.devices().get(device_id);
    if (!device) return refused("NOT_FOUND", NO_DEVICE);
    const result = await outbox.sendTest(device, now);
    const detail = "detail" in result ? result.detail : null;
    const decision = result.result === "sent" ? "sent" : result.result === "retry" ? "retry" : "failed";
    const fields = { kind: "test" as const, decision, provider_status: result.status, detail } as const;
    store.addToLog(device_id, [logEntry(null, 0, fields, now)]);
    return found({ result: result.result, provider_status: result.status || null, detail });
  }
}
