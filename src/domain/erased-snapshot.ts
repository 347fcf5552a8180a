/** Takes an erased person out of what a reporter saw (rule 28): the rest of the evidence stays. */
import type { Message, ReplyTo, ReportSnapshot } from "@rocket-chat-api/protocol";
import {
  type ErasureOrder,
  erasedProfile,
  plainFileName,
  withoutNamed,
  withoutNames,
} from "./erased-person.ts";
import { sentenceOf } from "./system-sentences.ts";

/** What of an order this needs. */
type Order = Pick<ErasureOrder, "user_id" | "messages" | "names">;

/** A snapshot without the person: what they have said is gone, or has no name. */
export function eraseFromSnapshot(snapshot: ReportSnapshot, order: Order): ReportSnapshot {
  const { user_id, names, messages: kind } = order;
  const reported = snapshot.messages.find(({ message_id }) => message_id === snapshot.message_id);
  const isTheirs = reported?.sender_id === user_id;
  const { conversation } = snapshot;
  return {
    ...snapshot,
    user: snapshot.user?.user_id === user_id ? erasedProfile(user_id) : snapshot.user,
    conversation: conversation && {
      ...conversation,
      name: conversation.name && withoutNames(conversation.name, names),
      description: conversation.description && withoutNames(conversation.description, names),
      photo_url: withoutNamed(conversation.photo_url, names),
    },
    messages: snapshot.messages.map((message) => eraseFromMessage(message, order)),
    versions: isTheirs && kind === "erase" ? [] : snapshot.versions,
  };
}

function eraseFromMessage(message: Message, order: Order): Message {
  const { user_id } = order;
  const reactions = message.reactions.filter((one) => one.user_id !== user_id);
  const mentions = message.mentions.filter((one) => one.user_id !== user_id);
  // The names that the app has put beside a text: which of them is the person's, the list of mentions says.
  const isNamed = mentions.length < message.mentions.length;
  const metadata = isNamed ? null : message.metadata;
  const reply_to = message.reply_to && eraseFromQuote(message.reply_to, order);
  const left = { ...message, reactions, mentions, metadata, reply_to, content: wordsOf(message, order) };
  return message.sender_id === user_id ? eraseOwn(left, order) : left;
}

function eraseOwn(message: Message, { user_id, messages: kind }: Order): Message {
  const own = { ...message, sender: erasedProfile(user_id), metadata: null, client_message_id: null };
  if (message.type === "system") return own;
  if (kind === "erase") return { ...own, content: "", attachments: [], reply_to: null, is_deleted: true };
  const attachments = own.attachments.map((one) => ({ ...one, file_name: plainFileName(one.file_name) }));
  return { ...own, attachments };
}

function eraseFromQuote(quote: ReplyTo, { user_id, messages: kind }: Order): ReplyTo {
  if (quote.sender.user_id !== user_id) return quote;
  const sender = erasedProfile(user_id);
  return kind === "erase" && quote.type !== "system"
    ? { ...quote, sender, content: "", is_deleted: true }
    : { ...quote, sender };
}

/** The words of a system message that is about the person; those of any other message stay. */
function wordsOf({ type, system, content }: Message, { user_id, names }: Order): string {
  if (type !== "system" || !system) return content;
  const isAbout = JSON.stringify(system).includes(user_id);
  // Others in it are not known by name here.
  const words = isAbout
    ? sentenceOf(system, { nameOf: () => erasedProfile(user_id).display_name })
    : undefined;
  return words ?? withoutNames(content, names);
}
