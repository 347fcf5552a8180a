/**
 * Whether one message pushes to one device (rule 27). A pure function: the reasons not to are a closed list, and the log of the
 * device shows them.
 */
import {
  MAX_PUSH_ALL_MEMBERS,
  type PushLevel,
  type PushPreferences,
  type PushSkip,
} from "@rocket-chat-api/protocol";
import { type ConversationChoice, isMuted } from "../../domain/preferences.ts";
import type { NotedMessage } from "../../domain/push-note.ts";
import type { Screen } from "../../domain/screen.ts";
import type { EpochMs } from "../../domain/time.ts";
import { isQuiet } from "./quiet-time.ts";

/** What is known of the conversation of a message. */
export interface NotedConversation extends ConversationChoice {
  conversation_id: string;
  member_count: number;
  last_read_seq: number;
}

/** What a decision depends on. */
export interface Situation {
  user_id: string;
  message: Pick<NotedMessage, "seq" | "kind" | "is_direct" | "is_further" | "expires_at"> & {
    sender_id: string;
  };
  /** Whether the user has blocked the sender (rule 29). The conversation leaves such messages out: this is a second wall. */
  is_sender_blocked: boolean;
  conversation: NotedConversation;
  /** Undefined if the user has none. */
  device: { device_id: string; is_active: boolean } | undefined;
  preferences: PushPreferences;
  screens: readonly Screen[];
  /** Milliseconds to wait while another device is in the foreground. */
  grace_ms: number;
  /** Whether it has waited already. */
  has_waited: boolean;
}

/** What is to be done. */
export type Decision =
  | { decision: "send" }
  | { decision: "wait"; ms: number }
  | { decision: "skip"; reason: PushSkip };

const SEND: Decision = { decision: "send" };

/** The level that counts in a conversation. Where many talk, only mentions push unless the conversation says otherwise. */
export function levelIn(
  { level }: Pick<PushPreferences, "level">,
  { push_level, member_count }: Pick<NotedConversation, "push_level" | "member_count">,
): PushLevel {
  if (push_level !== null) return push_level;
  return level === "all" && member_count > MAX_PUSH_ALL_MEMBERS ? "mentions" : level;
}

/** Decides about one message and one device. */
export function decide(situation: Situation, now: EpochMs): Decision {
  const reason = reasonNotTo(situation, now);
  if (reason) return { decision: "skip", reason };
  const { screens, device, grace_ms, has_waited } = situation;
  const isActiveElsewhere = screens.some((screen) => screen.device_id !== device?.device_id);
  return isActiveElsewhere && !has_waited && grace_ms > 0 ? { decision: "wait", ms: grace_ms } : SEND;
}

function reasonNotTo(situation: Situation, now: EpochMs): PushSkip | undefined {
  const { user_id, message, conversation, device, preferences } = situation;
  if (message.sender_id === user_id) return "own";
  if (situation.is_sender_blocked) return "blocked";
  if (!device) return "no_device";
  if (!device.is_active) return "token_dead";
  if (message.expires_at !== null && message.expires_at <= now) return "expired";
  if (message.seq <= conversation.last_read_seq) return "already_read";
  if (message.is_further) return "requested";
  return (
    unwanted(message, conversation, preferences, now) ??
    shownAlready(situation.screens, conversation, device.device_id)
  );
}

/** What the user has said about such messages, and about this time. */
function unwanted(
  { kind, is_direct }: Situation["message"],
  conversation: NotedConversation,
  preferences: PushPreferences,
  now: EpochMs,
): PushSkip | undefined {
  const level = levelIn(preferences, conversation);
  if (isMuted(conversation, now) && !(kind === "mention" && is_direct)) return "muted";
  const isPlain = kind === "message" || kind === "request";
  if (level === "none" || (level === "mentions" && isPlain)) return "level";
  const { snooze_until, do_not_disturb, timezone } = preferences;
  const isSnoozed = snooze_until !== null && Date.parse(snooze_until) > now;
  return isSnoozed || isQuiet(do_not_disturb, timezone, now) ? "do_not_disturb" : undefined;
}

/** What is on a screen does not ring, here or on another device. */
function shownAlready(
  screens: readonly Screen[],
  { conversation_id }: NotedConversation,
  deviceId: string,
): PushSkip | undefined {
  const showing = screens.filter((screen) => screen.conversation_id === conversation_id);
  if (showing.some((screen) => screen.device_id === deviceId)) return "on_screen";
  return showing.length > 0 ? "active_elsewhere" : undefined;
}
