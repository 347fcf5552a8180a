/** Puts the pieces of a user's hub together: which of them calls which. */
import type { PresenceStatus } from "@rocket-chat-api/protocol";
import { openDirectory } from "../directory/database.ts";
import { unreadByConversation } from "../directory/unread.ts";
import type { Screen } from "../domain/screen.ts";
import type { Env } from "../env.ts";
import { AlarmClock } from "../realtime/alarm-clock.ts";
import { EncodedEvent } from "../realtime/encoded-event.ts";
import { type ConversationObject, hubObject } from "../realtime/objects.ts";
import { Sender } from "../realtime/sender.ts";
import { Sessions } from "../realtime/sessions.ts";
import { SocketWatch } from "../realtime/socket-watch.ts";
import { Stubs } from "../realtime/stubs.ts";
import { Access } from "./access.ts";
import { BatchOrder } from "./batch-order.ts";
import { assembleBlocks } from "./blocks/assembly.ts";
import type { UserBlocks } from "./blocks/user-blocks.ts";
import { CatchUpBuffer } from "./catch-up-buffer.ts";
import { Delivery } from "./delivery.ts";
import { DirectSockets } from "./direct-sockets.ts";
import { Presence } from "./presence.ts";
import { ProfileUpdates } from "./profile-updates.ts";
import { assemblePush } from "./push/assembly.ts";
import type { UserPush } from "./push/user-push.ts";
import { HubStore } from "./store.ts";
import { Tickets } from "./tickets.ts";
import { UnreadTotals } from "./unread-totals.ts";
import { Waking } from "./wake.ts";

export type Assembly = ReturnType<typeof assemble>;

/** @param closed is called once for each socket that we close. */
export function assemble(ctx: DurableObjectState, env: Env, closed: (socket: WebSocket) => void) {
  const store = new HubStore(ctx.storage);
  const sessions = new Sessions(ctx, closed, new SocketWatch("hub", env.IDENTITY_SECRET));
  const sender = new Sender(ctx, sessions);
  const clock = new AlarmClock(ctx);
  const conversations = new Stubs<ConversationObject>(env.CONVERSATION);
  const catchUp = new CatchUpBuffer();
  const directory = () => openDirectory(env.DB);
  const notifySelf = (frame: string) => sender.broadcast([EncodedEvent.fromFull(frame)]);
  const ringBy = (time: number | undefined) => clock.ringBy(time);
  const waitUntil = (work: Promise<unknown>) => ctx.waitUntil(work);

  const presence = new Presence(store, {
    statuses: () => statusesOf(sessions, store),
    reachable: () => !sessions.isEmpty,
    directory,
    notifySelf,
    notifyUser: (userId, frame) => hubObject(env, userId).deliverFrame(frame),
    notifyConversation: (id, frames) =>
      conversations.call(id, (conversation) =>
        conversation.notifyPresence(store.row()?.user_id ?? "", frames),
      ),
    ringBy,
  });
  const profiles = new ProfileUpdates(store, {
    directory,
    notifySelf,
    notifyConversation: (id, profile) =>
      conversations.call(id, (conversation) => conversation.profileChanged(profile)),
    ringBy,
    waitUntil,
  });
  const unread = new UnreadTotals({
    loadBase: async () => {
      const row = store.exists() ? store.row() : undefined;
      // Where conversations tell everything, for the sake of push, the directory need not be asked.
      return row && (push.unreadBase() ?? (await unreadByConversation(directory(), row.user_id, Date.now())));
    },
    hasSockets: () => !sessions.isEmpty,
    send: (data) => sender.broadcast([EncodedEvent.of({ type: "unread.total", data })]),
    muteEnd: () => (store.exists() ? (store.row()?.mute_ends_at ?? null) : null),
    setMuteEnd: (mute_ends_at) => store.update({ mute_ends_at }),
    ringBy,
  });
  const waking = new Waking(store, sessions, {
    wake: async (id, userId, wakeEpoch) => {
      const woken = await conversations.call(id, (conversation) =>
        conversation.wake(userId, wakeEpoch, true),
      );
      // An object of an older release answers with the time alone.
      const { skipped_at, unread: told } = typeof woken === "number" ? { skipped_at: woken } : woken;
      unread.set(id, told);
      return skipped_at;
    },
    notifySelf,
    ringBy,
    waitUntil,
  });
  const directSockets = new DirectSockets(store, presence, clock, conversations);
  const order = new BatchOrder();
  const delivery = new Delivery({ store, sessions, sender, catchUp, order, waking, conversations, unread });
  const access = new Access({ store, sessions, sender, conversations, ringBy });
  const tickets = new Tickets(store, clock);
  const push: UserPush = assemblePush({
    env,
    store,
    conversations,
    screens: () => screensOf(sessions, sender, store),
    isBlocked: (userId) => blocks.isBlocked(userId),
    ringBy,
    waitUntil,
  });
  const blocks: UserBlocks = assembleBlocks({
    env,
    store,
    conversations,
    known: () => knownConversations(store, push, unread),
    notifySelf: (frame) => access.sendCustom(frame),
    push: () => push.blocked(Date.now()),
    ringBy,
    waitUntil,
  });
  return {
    store,
    sessions,
    sender,
    clock,
    conversations,
    catchUp,
    order,
    presence,
    profiles,
    waking,
    directSockets,
    delivery,
    access,
    tickets,
    push,
    blocks,
    unread,
  };
}

/** The conversations that have called this hub, as far as it remembers: what it can do while the directory is down. */
function knownConversations(store: HubStore, push: UserPush, unread: UnreadTotals): string[] {
  const sockets = [...store.directSockets().values()].map(({ conversation_id }) => conversation_id);
  return [...new Set([...push.conversations(), ...store.idleIn(), ...sockets, ...unread.known()])];
}

/** What the apps show that are in the foreground, here or with sockets at conversations. */
function screensOf(sessions: Sessions, sender: Sender, store: HubStore): Screen[] {
  // A phone that has lost its network shows nothing new.
  sender.closeUnresponsive(Date.now());
  const here = sessions.sockets().map((socket) => sessions.of(socket).screen);
  const there = [...store.directSockets().values()].map(({ screen }) => screen);
  return [...here, ...there].filter((screen) => screen !== null && screen !== undefined);
}

/** The status of each connected device, here or at a conversation. */
function statusesOf(sessions: Sessions, store: HubStore): PresenceStatus[] {
  const here = sessions.sockets().map((socket) => sessions.of(socket).status);
  return [...here, ...[...store.directSockets().values()].map(({ status }) => status)];
}
