/** A message's text in parts: plain, links and mentions. Pure; nothing becomes HTML. */
import type { Message } from "@rocket-chat-api/client";
import { find } from "linkifyjs";

/** A part of a text. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  | { readonly kind: "mention"; readonly text: string; readonly isMine: boolean };

/** Only these become links: a message must not run anything. */
const SCHEMES = /^(?:https?|mailto):/i;
/** `@` and a name, where no name or address goes on before it. */
const MENTION = /(?<![\w.@-])@([\w.-]+)/g;

/** The parts of a text. @param viewerId whose mentions stand out. */
export function partsOf(
  { content, mentions, mentions_all }: Pick<Message, "content" | "mentions" | "mentions_all">,
  viewerId: string,
): Part[] {
  const names = new Map(mentions.map(({ username, user_id }) => [username.toLowerCase(), user_id]));
  const mention = (name: string): boolean | undefined => {
    if (mentions_all && name === "all") return true;
    const id = names.get(name);
    return id === undefined ? undefined : id === viewerId;
  };
  const hasMentions = names.size > 0 || mentions_all;
  const plain = (text: string): Part[] =>
    hasMentions ? mentionsOf(text, mention) : [{ kind: "text", text }];
  // Most messages have neither a dot nor a colon, and so no link.
  if (!/[.:]/.test(content)) return plain(content);
  const parts: Part[] = [];
  let end = 0;
  for (const { start, end: stop, value, href } of find(content, { defaultProtocol: "https" })) {
    if (!SCHEMES.test(href)) continue;
    if (start > end) parts.push(...plain(content.slice(end, start)));
    parts.push({ kind: "link", text: value, href });
    end = stop;
  }
  if (end < content.length) parts.push(...plain(content.slice(end)));
  return parts;
}

function mentionsOf(text: string, mention: (name: string) => boolean | undefined): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(MENTION)) {
    // A dot at the end belongs to the sentence.
    const whole = (match[1] ?? "").toLowerCase();
    const name = [whole, whole.replace(/[.-]+$/, "")].find((one) => mention(one) !== undefined);
    if (name === undefined) continue;
    if (match.index > end) parts.push({ kind: "text", text: text.slice(end, match.index) });
    end = match.index + 1 + name.length;
    parts.push({ kind: "mention", text: text.slice(match.index, end), isMine: mention(name) ?? false });
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

/** More emoji than this are text. */
const MOST_EMOJI = 3;
const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3)/u;

/** Whether a text is one to three emoji and nothing else: those are shown larger. */
export function isEmojiOnly(text: string): boolean {
  const bare = text.trim();
  if (bare === "" || bare.length > 60 || /[a-z]/i.test(bare)) return false;
  const letters = [...new Intl.Segmenter().segment(bare.replaceAll(" ", ""))];
  return letters.length <= MOST_EMOJI && letters.every(({ segment }) => EMOJI.test(segment));
}
