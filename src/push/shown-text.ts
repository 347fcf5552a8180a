/** What a notification says: its title and its body. */
import type { PushPreview } from "@rocket-chat-api/protocol";
import type { PushNotification } from "./notification.ts";
import { type Words, wordsFor } from "./texts/words.ts";

/** The two lines of a notification, in the language of the device. */
export interface ShownText {
  title: string;
  /** May be empty. */
  body: string;
  language: string;
  isRightToLeft: boolean;
}

/**
 * The lines of a notification.
 * @param preview how much they say. `encrypted` says all: what is encrypted is written elsewhere.
 * @param locale of the device.
 */
export function shownText(push: PushNotification, preview: PushPreview, locale: string | null): ShownText {
  const words = wordsFor(locale);
  const { title, body } = linesOf(push, preview, words);
  return {
    title: clean(title),
    body: clean(body),
    language: words.language,
    isRightToLeft: words.isRightToLeft,
  };
}

interface Lines {
  title: string;
  body: string;
}

function linesOf(push: PushNotification, preview: PushPreview, words: Words): Lines {
  if (push.kind === "test") return { title: titleOf(push, words), body: push.text };
  if (preview === "hidden") return { title: countOf(push, words), body: "" };
  if (push.is_request) return requestLines(push, words);
  if (push.kind === "added") return addedLines(push, words);
  return preview === "sender" ? senderLines(push, words) : fullLines(push, words);
}

/** `New message`, or how many there are. */
function countOf({ unread_count }: PushNotification, words: Words): string {
  return unread_count > 1 ? words.newMessages(unread_count) : words.newMessage;
}

/** A direct conversation has the other's name, a group its own. */
function titleOf({ conversation, sender }: PushNotification, words: Words): string {
  const name = conversation.type === "group" ? conversation.name : undefined;
  return name || sender?.display_name || conversation.name || words.newMessage;
}

function requestLines(push: PushNotification, words: Words): Lines {
  const name = push.sender?.display_name;
  return { title: titleOf(push, words), body: name ? words.requested(name) : words.newMessage };
}

function addedLines(push: PushNotification, words: Words): Lines {
  const title = titleOf(push, words);
  const name = push.sender?.display_name;
  return { title, body: name ? words.added(name, push.conversation.name ?? title) : words.newMessage };
}

function senderLines(push: PushNotification, words: Words): Lines {
  const title = titleOf(push, words);
  const name = push.sender?.display_name;
  if (push.kind === "mention" && name) return { title, body: words.mentioned(name) };
  // "Ann: 3 new messages" would say that all three are hers.
  const isHers = push.conversation.type === "group" && name !== undefined && push.unread_count <= 1;
  return { title, body: isHers ? `${name}: ${words.newMessage}` : countOf(push, words) };
}

function fullLines(push: PushNotification, words: Words): Lines {
  const name = push.sender?.display_name;
  const text = push.text || words.ofType(push.message_type) || "";
  const count = push.unread_count > 1 ? ` · ${words.newMessages(push.unread_count)}` : "";
  const title = `${titleOf(push, words)}${count}`;
  if (push.kind === "mention" && name && push.conversation.type === "group") {
    const mentioned = words.mentioned(name);
    return { title, body: text === "" ? mentioned : `${mentioned}: ${text}` };
  }
  const said = text || words.newMessage;
  return { title, body: push.conversation.type === "group" && name ? `${name}: ${said}` : said };
}

/** Without lone surrogates, which no JSON of a provider takes, and without NUL. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}
