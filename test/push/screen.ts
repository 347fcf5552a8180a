/** What a device shows after the pushes that it got: the rules of Android, iOS and browsers, as far as tests need them. */
import type { ReceivedPush } from "./wire.ts";

/** One notification on a screen. */
export interface Shown {
  /** What replaces it, or takes it away. */
  tag: string;
  title: string;
  body: string;
  data: Record<string, unknown>;
}

type Values = Record<string, unknown>;

const values = (value: unknown): Values =>
  typeof value === "object" && value !== null ? (value as Values) : {};
const text = (value: unknown): string => (value === undefined || value === null ? "" : String(value));

/** Conversations that an app is to take away, and up to which message: an object, which FCM has as JSON. */
const list = (value: unknown): [string, number][] =>
  Object.entries(typeof value === "string" ? JSON.parse(value) : values(value));
const clear = ({ conversation_id, up_to_seq }: Values): [string, number][] => [
  [text(conversation_id), Number(up_to_seq)],
];

/** The parts of a push that a device acts on. Undefined: nothing to show. */
function read(push: ReceivedPush): { shown?: Shown; clears?: [string, number][]; badge?: number } {
  const payload = values(push.payload);
  if (push.provider === "apns") {
    const { aps, ...data } = payload;
    if (data.type === "badge") return { badge: Number(data.badge) };
    if (data.type === "clear") return { clears: clear(data), badge: Number(data.badge) };
    const alert = values(values(aps).alert);
    const tag = push.headers["apns-collapse-id"] ?? text(push.headers["apns-id"]);
    const shown = { tag, title: text(alert.title), body: text(alert.body), data };
    return { shown, clears: list(data.cleared), badge: Number(values(aps).badge) };
  }
  if (push.provider === "webpush") {
    const { title, body, tag, data } = values(payload.notification);
    const shown = { tag: text(tag), title: text(title), body: text(body), data: values(data) };
    return { shown, clears: list(shown.data.cleared), badge: Number(payload.app_badge) };
  }
  const message = values(payload.message);
  const data = values(message.data);
  if (data.type === "badge") return { badge: Number(data.badge) };
  if (data.type === "clear") return { clears: clear(data), badge: Number(data.badge) };
  const { title, body, tag } = values(values(message.android).notification);
  const shown = { tag: text(tag), title: text(title), body: text(body), data };
  return { shown, clears: list(data.cleared), badge: Number(data.badge) };
}

/**
 * Plays the pushes of one device that its provider accepted.
 * @param pushes of one token, oldest first. Encrypted ones of FCM have no tag that can be read: leave them out.
 */
export function screenOf(pushes: readonly ReceivedPush[]): { shown: Shown[]; badge: number | null } {
  const shown = new Map<string, Shown>();
  let badge: number | null = null;
  for (const push of pushes) {
    if (push.status < 200 || push.status > 299 || push.provider === "fcm_oauth") continue;
    const { shown: one, clears, badge: number } = read(push);
    for (const [id, upTo] of clears ?? []) if (Number(shown.get(id)?.data.seq) <= upTo) shown.delete(id);
    if (one) shown.set(one.tag, one);
    if (number !== undefined && Number.isFinite(number)) badge = number;
  }
  return { shown: [...shown.values()], badge };
}
