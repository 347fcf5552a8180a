/** Reads the short form of events, for clients on a socket with `?lean=1`. Its other half is `lean.ts`. */
import type { ServerEvent } from "./events.ts";
import {
  type Envelope,
  envelopeOf,
  type Fields,
  isFields,
  type LeanShape,
  leanShapeOf,
  messageIdIn,
} from "./lean-shapes.ts";

/** Restores the events of one socket: a new connection needs a new one. */
export class LeanDecoder {
  readonly #profiles = new Map<unknown, unknown>();
  readonly #missed: () => void;

  /**
   * @param missed is called where an event names a person whose profile was not sent, which must not happen: the event
   * then has a sender without names, and the client had better connect again without `?lean=1`.
   */
  constructor(missed: () => void = () => undefined) {
    this.#missed = missed;
  }

  /**
   * An event with everything that its short form leaves out. A full event, or one of a type that is not known here, stays
   * as it is.
   * @param value one event, as `JSON.parse` gives it: of a batch, each by itself.
   * @returns undefined for `profiles`, which is for this decoder alone.
   */
  decode(value: unknown): ServerEvent | undefined {
    const shape = isFields(value) && isFields(value.data) && leanShapeOf(value.type, value.data);
    if (!shape) return value as ServerEvent;
    const event = value as Fields & { data: Fields };
    const data = this.#restore(shape, event.data, envelopeOf(event, event.data));
    if (event.type !== "profiles") return { ...event, data } as unknown as ServerEvent;
    const { profiles } = data;
    if (Array.isArray(profiles)) for (const one of profiles) this.#profiles.set(one?.user_id, one);
    return undefined;
  }

  #restore(shape: LeanShape, value: Fields, envelope: Envelope): Fields {
    const { defaults, follows, hasSender, hasStandIns, within } = shape;
    const full = { ...value };
    /** @param standIn the field that stood there instead. */
    const put = (field: string, restored: unknown, standIn?: string): void => {
      if (field in full || restored === undefined) return;
      full[field] = restored;
      if (hasStandIns && standIn) delete full[standIn];
    };
    for (const field in within) {
      if (field in full) full[field] = this.#restoreEach(within[field] ?? {}, full[field], envelope);
    }
    for (const field in defaults) {
      const fallback = defaults[field];
      put(field, Array.isArray(fallback) ? [] : fallback);
    }
    for (const field in follows) put(field, follows[field]?.(full, envelope));
    if (hasStandIns) put("message_id", messageIdIn(envelope.conversation_id, full.seq), "seq");
    if (hasSender && !("sender" in full)) put("sender", this.#profileOf(full.sender_id), "sender_id");
    return full;
  }

  #restoreEach(shape: LeanShape, value: unknown, envelope: Envelope): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#restoreEach(shape, one, envelope));
    return isFields(value) ? this.#restore(shape, value, envelope) : value;
  }

  #profileOf(user_id: unknown): unknown {
    const known = this.#profiles.get(user_id);
    if (!known) this.#missed();
    return known ?? { user_id, username: "", display_name: "", profile_photo_url: null };
  }
}
