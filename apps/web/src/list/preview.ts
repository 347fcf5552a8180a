/** The second line of a row: what was said last, or who types. */
import type { ConversationState, LastMessage } from "@rocket-chat-api/client";
import type { ListItem } from "@rocket-chat-api/client/list";
import type { Typist } from "@rocket-chat-api/client/live";
import type { I18n } from "../i18n/i18n.tsx";
import { systemText } from "../room/list/system-text.ts";

/** What is shown. */
export interface Preview {
  text: string;
  kind: "text" | "image" | "video" | "audio" | "file" | "deleted" | "typing" | "system";
}

const KINDS = ["image", "video", "audio", "file"] as const;

/** The name of a member as others see it. */
function nameOf(state: ConversationState | undefined, username: string): string {
  for (const member of state?.members.values() ?? [])
    if (member.username === username) return member.display_name;
  return username;
}

/** What is shown while another person types. */
function typingText(
  typing: readonly Typist[],
  isGroup: boolean,
  state: ConversationState | undefined,
  t: I18n["t"],
) {
  const [first] = typing;
  if (!first || !isGroup) return t("list.typing");
  if (typing.length > 1) return t("list.several_type", { count: typing.length });
  return t("list.someone_types", { name: nameOf(state, first.username) });
}

function contentOf({ type, content }: LastMessage, t: I18n["t"]): Pick<Preview, "kind" | "text"> {
  const kind = KINDS.find((one) => one === type);
  if (kind) return { kind, text: content || t(`list.${kind}`) };
  return { kind: type === "system" ? "system" : "text", text: content };
}

/** What a system message says, in the page's language where the message itself is here. */
function systemLine(state: ConversationState | undefined, last: LastMessage, t: I18n["t"]): string {
  const message = state?.messages.at(-1);
  return state && message?.message_id === last.message_id
    ? systemText(message, state.members, t)
    : last.content;
}

/** Keeps the direction of a text inside of another (Unicode's first strong isolate). */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** The second line of a row. @param own the viewer's username. */
export function previewOf(
  { type, last_message }: ListItem,
  typing: readonly Typist[],
  state: ConversationState | undefined,
  own: string | undefined,
  t: I18n["t"],
): Preview {
  const isGroup = type === "group";
  if (typing.length > 0) return { kind: "typing", text: typingText(typing, isGroup, state, t) };
  if (!last_message) return { kind: "system", text: "" };
  if (last_message.is_deleted) return { kind: "deleted", text: t("list.deleted") };
  const { kind, text } = contentOf(last_message, t);
  const { sender_username } = last_message;
  if (kind === "system") return { kind, text: systemLine(state, last_message, t) };
  if (sender_username === own) return { kind, text: t("list.from_you", { text: isolated(text) }) };
  return {
    kind,
    text: isGroup
      ? t("list.from_other", { name: nameOf(state, sender_username), text: isolated(text) })
      : text,
  };
}
