/** Tickets that open one socket each, for clients that cannot send a token with the request (rule 4). */
import { HEARTBEAT_MS, TICKET_TTL_MS } from "@rocket-chat-api/protocol";
import type { AlarmClock } from "../realtime/alarm-clock.ts";
import type { TicketHolder } from "../realtime/objects.ts";
import type { HubStore } from "./store.ts";

export class Tickets {
  readonly #store: HubStore;
  readonly #clock: AlarmClock;

  constructor(store: HubStore, clock: AlarmClock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Makes a ticket. */
  async issue(holder: TicketHolder): Promise<string> {
    const ticket = `${holder.caller.user_id}.${crypto.randomUUID()}`;
    await this.#store.ensureTables();
    const now = Date.now();
    this.#store.sweepTickets(now);
    this.#store.addTicket(ticket, holder, now + TICKET_TTL_MS);
    // The same time as for the socket that the ticket opens, so that the alarm is set once.
    this.#clock.ringBy(now + 2 * HEARTBEAT_MS);
    return ticket;
  }

  /** Uses a ticket up; undefined if it is unknown, used or expired. */
  redeem(ticket: string): TicketHolder | undefined {
    // A guessed ticket must create no tables.
    return this.#store.exists() ? this.#store.takeTicket(ticket, Date.now()) : undefined;
  }
}
