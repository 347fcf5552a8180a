/** What a hub does when its alarm rings. */
import { earliest } from "../domain/deadlines.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Assembly } from "./assembly.ts";

/** Ends what has ended, and goes on with what could not be done. It sets the alarm for what comes next. */
export async function onAlarm(its: Assembly, now: EpochMs): Promise<void> {
  const { store, sessions, sender, clock, directSockets, waking } = its;
  const { presence, profiles, push, blocks, unread, access } = its;
  clock.rang();
  sessions.closeExpired(now);
  store.sweepTickets(now);
  await directSockets.verify(now);
  await waking.retry();
  clock.ringBy(sender.closeUnresponsive(now));
  presence.checkLeft(now);
  await presence.refresh(now);
  clock.ringBy(earliest(sessions.nextExpiry(), directSockets.nextExpiry(), access.nextEnd(now)));
  if (store.row()) await profiles.run(now);
  await Promise.all([blocks.alarm(now), push.alarm(now), unread.alarm(now)]);
}
