/** What operators see of sockets: a line when one opens and when it closes, and the numbers (docs/operating.md). */
import { hashedId } from "../auth/hashed-id.ts";
import { log } from "../log.ts";
import { clientCloseLabel } from "../metrics/labels.ts";
import { metrics } from "../metrics/metrics.ts";
import type { Session } from "./session.ts";

/** The kind of object that a socket is at. */
export type SocketPlace = "conversation" | "hub";

export class SocketWatch {
  readonly #at: SocketPlace;
  readonly #secret: string | undefined;

  /** @param secret of the ids in the log ({@link hashedId}). */
  constructor(at: SocketPlace, secret: string | undefined) {
    this.#at = at;
    this.#secret = secret;
  }

  opened({ caller, connection_id, batch, lean, trace }: Session): void {
    metrics.add("sockets_opened", 1, this.#at);
    const fields = { at: this.#at, user: this.#nameOf(caller), connection_id, batch, lean };
    log("info", "socket.opened", fields, trace ?? null);
  }

  /** @param why the kind of close, or `CLIENT`. */
  closed({ caller, connection_id, opened_at, trace }: Session, code: number, why: string): void {
    metrics.add("sockets_closed", 1, this.#at, why === "CLIENT" ? clientCloseLabel(code) : String(code));
    const duration_s = Math.max(0, Math.round((Date.now() - opened_at) / 1_000));
    const fields = { at: this.#at, user: this.#nameOf(caller), connection_id, code, why, duration_s };
    log("info", "socket.closed", fields, trace ?? null);
  }

  #nameOf({ user_id }: Session["caller"]): string {
    return hashedId(this.#secret, user_id);
  }

  /** So many messages were written to sockets. */
  delivered(messages: number): void {
    if (messages > 0) metrics.add("deliveries", messages, this.#at);
  }
}
