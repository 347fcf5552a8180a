/** Creates and connects the components of a conversation's object. */
import { blocksAmong } from "../directory/blocks.ts";
import { openDirectory } from "../directory/database.ts";
import { setHasSockets } from "../directory/presence.ts";
import type { BlockWord } from "../domain/blocks.ts";
import type { Caller } from "../domain/caller.ts";
import { found } from "../domain/outcome.ts";
import type { NumberedWord, PushNote } from "../domain/push-note.ts";
import type { EpochMs } from "../domain/time.ts";
import type { DeliveryAnswer } from "../domain/wake.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { AlarmClock } from "../realtime/alarm-clock.ts";
import type { UserHubObject } from "../realtime/objects.ts";
import { Sender } from "../realtime/sender.ts";
import { Sessions } from "../realtime/sessions.ts";
import { SocketWatch } from "../realtime/socket-watch.ts";
import { Stubs } from "../realtime/stubs.ts";
import { limitsOf } from "../settings.ts";
import { Commands } from "./commands.ts";
import { ChangeFeed, type ChangeFeedHost } from "./consumers/change-feed.ts";
import { directoryConsumer } from "./consumers/directory.ts";
import { NoteOutbox } from "./consumers/note-outbox.ts";
import { DeliveryCheckpoint } from "./delivery/delivery-checkpoint.ts";
import { FanOut } from "./delivery/fan-out.ts";
import { HubDelivery } from "./delivery/hub-delivery.ts";
import { unreadForHub } from "./delivery/hub-unread.ts";
import { notifyListed } from "./delivery/sync-required.ts";
import { Engine } from "./engine.ts";
import { setBlocks } from "./members/blocks.ts";
import { refreshProfile } from "./members/profiles.ts";
import { attachmentService, Confirmations } from "./messages/attachments.ts";
import { filtersOf } from "./messages/filtered.ts";
import { redactEvent } from "./messages/redaction.ts";
import { PushNotes } from "./push/push-notes.ts";
import { PushWords } from "./push/push-words.ts";
import { ReceiptBatcher } from "./receipts/receipt-batcher.ts";
import { Recovery } from "./recovery/recovery.ts";
import { ServerCommands } from "./server/server-commands.ts";
import { hasReached, headOf } from "./state/cursor.ts";
import { EpochMemory } from "./state/epoch-memory.ts";
import type { Services } from "./state/handler.ts";
import { Retention } from "./state/retained.ts";
import { answer, type Room } from "./state/room.ts";
import { Store } from "./state/store.ts";
import { Typing } from "./typing.ts";

export type Assembly = ReturnType<typeof assemble>;

/** How long an erasure waits for the directory, in milliseconds. */
const SETTLE_MS = 5_000;

/** @param closed is called once for each socket that the server closes. */
export function assemble(ctx: DurableObjectState, env: Env, closed: (socket: WebSocket) => void) {
  const limits = limitsOf(env);
  const store = new Store(ctx.storage);
  const sessions = new Sessions(ctx, closed, new SocketWatch("conversation", env.IDENTITY_SECRET));
  const sender = new Sender(ctx, sessions);
  const clock = new AlarmClock(ctx);
  const retention = new Retention(ctx.storage);
  const hubs = new Stubs<UserHubObject>(env.USER_HUB);
  const attachments = attachmentService(ctx);
  const confirmations = new Confirmations(attachments);

  const hubDelivery = new HubDelivery(store, {
    callHub: (userId, { frames, seqs, place, people }, unread) =>
      hubs.call(userId, async (hub): Promise<DeliveryAnswer> => {
        const note = push.noteWithEvents(userId);
        const answer = await hub.deliver(engine.room?.id ?? "", frames, seqs, place, people, unread, note);
        push.answered(userId, answer.push, note, seqs);
        return answer;
      }),
    unreadOf: (userId) => (engine.room ? unreadForHub(engine.room, userId) : null),
    delivered: (userId, seq) => delivered(userId, seq),
  });
  const fanOut = new FanOut(sender, hubDelivery, {
    redact: (emission) => (engine.room ? redactEvent(engine.room, emission) : []),
    deliveredHere: (newest) => engine.room && receipts.deliveredHere(engine.room, newest),
  });
  const engine: Engine = new Engine(store, fanOut, {
    sync: () => ctx.storage.sync(),
    listeners: () => sessions.listeners,
    changed: (now, before, trace) => {
      const head = engine.room?.head ?? 0;
      if (trace !== undefined && head > before) push.caused(before + 1, head, trace);
      for (const feed of feeds) feed.changed(now, trace);
    },
    noted: (now) => notes.noted(now),
    joined: (userId) => hubDelivery.joined(userId),
    removed: (userId) => {
      if (engine.room) typing.stop(engine.room, userId);
      for (const socket of sessions.sockets(userId)) sessions.close(socket, "REMOVED", "removed");
    },
    discard: (keys) => ctx.waitUntil(attachments.discard(keys)),
    withTurn: (room) => (receipts.isDueWithNextMessage ? receipts.flush(room, Date.now()) : []),
    afterTurn: (room) => (receipts.isDueNow(room) ? receipts.flush(room, Date.now()) : []),
  });
  const receipts = new ReceiptBatcher({
    liveSince: (seq) => sessions.usersSince(seq),
    flushSoon: () => flushReceipts(),
  });
  const flushReceipts = () => {
    const flushed = engine.change((now) => ({
      outcome: found(null),
      emissions: engine.room ? receipts.flush(engine.room, now) : [],
    }));
    flushed.catch((error: unknown) => {
      log("warn", "receipts.failed", { ...errorFields(error) });
      receipts.failed(Date.now());
    });
  };
  const typing = new Typing((emissions) => engine.emit(emissions));
  const checkpoint = new DeliveryCheckpoint(store, {
    emit: (emissions) => engine.emit(emissions),
    isIdle: () => !fanOut.hasEvents && hubDelivery.isIdle && receipts.isIdle,
    notifyLost: (eventFor) => hubDelivery.notifyLost(eventFor),
    ringBy: (time) => clock.ringBy(time),
  });
  const feedHost: ChangeFeedHost<Room> = {
    source: () => engine.room,
    ringBy: (time) => clock.ringBy(time),
    committed: () => ctx.storage.sync(),
  };
  const directory = new ChangeFeed(
    directoryConsumer({
      d1: env.DB,
      onListed: async (userIds) => {
        notifyListed(hubDelivery, engine.room, userIds);
        await askBlocksOfListed(userIds);
      },
      onRestored: async () => {
        if (engine.room && !sessions.isEmpty)
          await setHasSockets(openDirectory(env.DB), engine.room.id, true);
      },
      epochs: new EpochMemory(ctx.storage),
      isGone: (seq) => seq <= retention.retained.upTo,
    }),
    feedHost,
  );
  const words = new PushWords(store);
  const push: PushNotes = new PushNotes(words, {
    room: () => engine.room,
    cursor: () => pushes.position,
    startAt: (cursor) => pushes.startAt(cursor),
    callHub: (userId, note) => hubs.call(userId, (hub) => hub.pushNoted(note)),
    ringBy: (time) => clock.ringBy(time),
    waitUntil: (work) => ctx.waitUntil(work),
  });
  const pushes: ChangeFeed<Room, Map<string, PushNote>> = new ChangeFeed(push, feedHost);
  const notes = new NoteOutbox(env.DB, {
    room: () => engine.room,
    committed: () => ctx.storage.sync(),
    ringBy: (time) => clock.ringBy(time),
  });
  // A further consumer is one more feed here, and its name among `CONSUMERS` in state/store.ts.
  const feeds = [directory, pushes];

  /**
   * Asks again who has blocked whom, when the directory lists new members: a block from before is in the answer, and a hub
   * that makes one from now on finds this conversation. In between, hubs may not have known of it.
   */
  async function askBlocksOfListed(userIds: ReadonlySet<string>): Promise<void> {
    const { room } = engine;
    if (!room) return;
    const words = await services.blocksAmong([...userIds], [...room.roster.keys()]);
    if (words.length > 0) await takeBlocks({ engine, fanOut, hubDelivery, typing }, words);
  }

  function delivered(userId: string, seq: number): void {
    const { room } = engine;
    if (!room) return;
    receipts.delivered(room, userId, seq);
    if (receipts.isDueNow(room)) flushReceipts();
  }
  const services: Services = {
    confirmAttachments: (claim) => confirmations.confirm(claim),
    filters: filtersOf(ctx, env),
    blocksAmong: (newIds, rosterIds) => blocksAmong(openDirectory(env.DB), newIds, rosterIds),
  };
  const commands = new Commands(engine, limits, services, {
    startTyping: (room, member, now) => typing.start(room, member, now),
    stopTyping: (room, userId) => typing.stop(room, userId),
    delivered,
    read: (room, userId, seq, now) => receipts.read(room, userId, seq, now),
    ringBy: (time) => clock.ringBy(time),
  });
  const projected = async () => {
    await directory.settled(SETTLE_MS);
    return !engine.room || hasReached(directory.position, headOf(engine.room));
  };
  const setWord = (userId: string, word: NumberedWord) => void words.set(userId, word, 0);
  const parts = { storage: ctx.storage, clock, engine, sender, hubDelivery, notes, projected, setWord };
  const server = new ServerCommands(parts, limits, services);
  const recovery = new Recovery(ctx, {
    ...{ store, engine, sessions, hubDelivery, directory, pushes, notes, retention, clock },
  });
  const sockets = { sessions, sender };
  const delivery = { fanOut, hubDelivery, checkpoint };
  const consumers = { directory, feeds, push, notes };
  return {
    ...{ env, limits, store, clock, hubs, engine, typing, commands, server, recovery, delivered, retention },
    ...sockets,
    ...delivery,
    ...consumers,
  };
}

/** Takes what hubs say of who has blocked whom. What a blocker is to see no longer is taken back where it still waits. */
export async function takeBlocks(
  { engine, fanOut, hubDelivery, typing }: Pick<Assembly, "engine" | "fanOut" | "hubDelivery" | "typing">,
  words: readonly BlockWord[],
): Promise<void> {
  await engine.change(() => {
    const { room, store } = engine;
    if (!room) return answer(null);
    const { separated, reset, ...change } = store.atomically(() => setBlocks(room, words));
    // What was said in this turn before the block goes first.
    fanOut.flush();
    for (const userId of reset) hubDelivery.dropWaiting(userId);
    for (const { blocker_id, blocked_id } of separated) typing.separate(room, blocker_id, blocked_id);
    return change;
  });
  hubDelivery.callNow();
}

/** Updates the profile of a current or former member. */
export async function takeProfile(
  { engine, hubDelivery }: Pick<Assembly, "engine" | "hubDelivery">,
  profile: Caller,
): Promise<void> {
  await engine.change(() => {
    return { ...answer(null), emissions: engine.room ? refreshProfile(engine.room, profile) : [] };
  });
  hubDelivery.callNow();
}

/** Saves how far consumers have come, and that everybody has been told; what could not be reached is tried again. */
export function saveProgress(its: Assembly, room: Room, now: EpochMs): void {
  const { store, feeds, checkpoint, push, notes } = its;
  push.alarm(now);
  notes.alarm(now);
  store.cursors.saveTogether(() => {
    for (const feed of feeds) feed.alarm(now);
    checkpoint.advance(room, now);
  });
}
