/**
 * What the worker and the pages of an app say to each other. The worker keeps nothing: browsers end it after some
 * seconds, so it asks the pages when it needs to know.
 */
import type { BrowserSubscription } from "./browser.ts";

/** The field that tells these messages from others. */
export const MARK = "rocket_chat_push";

/** A conversation that a click on a notification asks for. */
export interface ClickTarget {
  /** Null: a notification of no conversation, such as a test. */
  conversation_id: string | null;
  message_id: string | null;
  /** The address for a window of its own. */
  navigate: string;
}

/** From the worker to a page. Every one but `open` is answered over its port. */
export type WorkerQuestion =
  /** A message came: the answer is a {@link PageView}. */
  | { [MARK]: "view"; conversation_id: string; seq: number }
  /** Is there an app in this page that can open a conversation? The answer is `true`. */
  | { [MARK]: "ready" }
  | ({ [MARK]: "open" } & ClickTarget)
  /** The browser has another subscription. The answer is `true` from a page that registers it. */
  | { [MARK]: "subscription"; subscription: ReturnType<BrowserSubscription["toJSON"]> };

/** What a page knows of a message that came. */
export interface PageView {
  /** The user looks at its conversation in this page. */
  is_on_screen: boolean;
  /** The user has read it, here or on another device. */
  is_read: boolean;
}

/** A message of the worker; undefined if it is another's. */
export function questionIn(data: unknown): WorkerQuestion | undefined {
  return typeof data === "object" && data !== null && MARK in data ? (data as WorkerQuestion) : undefined;
}

/** What the notifications of this library carry as data. */
export interface NotificationData {
  type: string;
  conversation_id: string | null;
  message_id: string | null;
  seq: number;
  navigate: string | undefined;
  /** Conversations that were read on another device, each with the `seq` up to which. */
  cleared: Record<string, number>;
}

/** Reads `data` of a notification, whatever it holds. @returns undefined if it is not of this library. */
export function dataIn(value: unknown): NotificationData | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { type, conversation_id, message_id, seq, navigate, cleared } = value as Record<string, unknown>;
  if (typeof type !== "string") return undefined;
  return {
    type,
    conversation_id: text(conversation_id) ?? null,
    message_id: text(message_id) ?? null,
    seq: typeof seq === "number" ? seq : 0,
    navigate: text(navigate),
    cleared: numbersIn(cleared),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function numbersIn(value: unknown): Record<string, number> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, number]) => typeof number === "number"));
}
