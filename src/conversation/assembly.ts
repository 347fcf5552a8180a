/** Puts the pieces of a conversation's object together: which of them calls which. */
import { openDirectory } from "../directory/database.ts";
import { clearMessages, project } from "../directory/projection.ts";
import { found } from "../domain/outcome.ts";
import type { DeliveryAnswer } from "../domain/wake.ts";
import type { Env } from "../env.ts";
import { AlarmClock } from "../realtime/alarm-clock.ts";
import type { UserHubObject } from "../realtime/objects.ts";
import { Sessions } from "../realtime/sessions.ts";
import { Stubs } from "../realtime/stubs.ts";
import { limitsOf } from "../settings.ts";
import { Commands } from "./commands.ts";
import { Projector } from "./consumers/directory.ts";
import { DeliveryCheckpoint } from "./delivery/delivery-checkpoint.ts";
import { FanOut } from "./delivery/fan-out.ts";
import { Engine } from "./engine.ts";
import { attachmentService, Confirmations } from "./messages/attachments.ts";
import { redactEvent } from "./messages/redaction.ts";
import { ReceiptBatcher } from "./receipts/receipt-batcher.ts";
import { Store } from "./state/store.ts";
import { Typing } from "./typing.ts";

export type Assembly = ReturnType<typeof assemble>;

/** @param closed is called once for each socket that we close. */
export function assemble(ctx: DurableObjectState, env: Env, closed: (socket: WebSocket) => void) {
  const store = new Store(ctx.storage);
  const sessions = new Sessions(ctx, closed);
  const clock = new AlarmClock(ctx);
  const hubs = new Stubs<UserHubObject>(env.USER_HUB);
  const attachments = attachmentService(ctx);
  const confirmations = new Confirmations(attachments);

  const fanOut = new FanOut(sessions, store, {
    redact: (emission, subject) => (engine.room ? redactEvent(engine.room, emission, subject) : []),
    callHub: (userId, { frames, seqs }) =>
      hubs.call(userId, async (hub): Promise<DeliveryAnswer> => {
        return await hub.deliver(engine.room?.id ?? "", frames, seqs);
      }),
    deliveredHere: (batch) => engine.room && receipts.deliveredHere(engine.room, batch),
    delivered: (userId, seq) => delivered(userId, seq),
  });
  const engine: Engine = new Engine(store, fanOut, {
    sync: () => ctx.storage.sync(),
    listeners: () => sessions.listeners,
    changed: (now) => directory.changed(now),
    removed: (userId) => {
      if (engine.room) typing.stop(engine.room, userId);
      for (const socket of sessions.sockets(userId)) sessions.close(socket, "REMOVED", "removed");
    },
    discard: (keys) => ctx.waitUntil(attachments.discard(keys)),
    withTurn: (room) => (receipts.isDueWithNextMessage ? receipts.flush(room, Date.now()) : []),
    afterTurn: (room) => (receipts.dueNow(room) ? receipts.flush(room, Date.now()) : []),
  });
  const receipts = new ReceiptBatcher({
    liveSince: (seq) => sessions.usersSince(seq),
    flushSoon: () => flushReceipts(),
  });
  const flushReceipts = () =>
    void engine.change((now) => ({
      outcome: found(null),
      emissions: engine.room ? receipts.flush(engine.room, now) : [],
    }));
  const typing = new Typing((emissions) => engine.emit(emissions));
  const checkpoint = new DeliveryCheckpoint(store, {
    emit: (emissions) => engine.emit(emissions),
    isIdle: () => fanOut.isIdle && receipts.isIdle,
    tellLost: (frame) => fanOut.tellLost(frame),
    ringBy: (time) => clock.ringBy(time),
  });
  const directory = new Projector({
    room: () => engine.room,
    write: (flush) => project(openDirectory(env.DB), flush),
    clear: (id) => clearMessages(openDirectory(env.DB), id),
    ringBy: (time) => clock.ringBy(time),
    committed: () => ctx.storage.sync(),
  });

  function delivered(userId: string, seq: number): void {
    const { room } = engine;
    if (!room) return;
    receipts.delivered(room, userId, seq);
    if (receipts.dueNow(room)) flushReceipts();
  }
  const commands = new Commands(
    engine,
    limitsOf(env),
    { confirmAttachments: (claim) => confirmations.confirm(claim) },
    {
      startTyping: (room, member, now) => typing.start(room, member, now),
      stopTyping: (room, userId) => typing.stop(room, userId),
      delivered,
      read: (room, userId, seq, now) => receipts.read(room, userId, seq, now),
      ringBy: (time) => clock.ringBy(time),
    },
  );
  return { store, sessions, clock, hubs, fanOut, engine, typing, checkpoint, directory, commands, delivered };
}
