/** Every push that came for a phone: whether the provider could take it, and whether it should have come. */
import type { ReceivedPush } from "../push/wire.ts";
import type { Ledger, Sent } from "./ledger.ts";
import type { Phone } from "./phones.ts";
import { isRequest } from "./requests.ts";
import type { World } from "./world.ts";

/** Milliseconds, by the real clock, from an answer until nothing goes out any more that contradicts it. */
export const LATE_MS = 3_000;

/** What an app gets beside the text. FCM has strings. */
interface Data {
  type: string;
  conversation_id: string;
  seq: number;
}

/** What a push says to the app. */
export function dataOf({ provider, payload }: ReceivedPush): Data {
  const its = payload as { message?: { data?: Partial<Data> } } & Partial<Data>;
  const { type = "", conversation_id = "", seq = 0 } = (provider === "fcm" ? its?.message?.data : its) ?? {};
  return { type, conversation_id, seq: Number(seq) };
}

/** Holds all pushes of a phone against what was known when they came. */
export function checkPushes(world: World, phone: Phone, pushes: ReceivedPush[]): string[] {
  const place = `phone ${world.ledger.push.phones.indexOf(phone)}`;
  const ids = new Map<string, string>();
  return pushes.flatMap((push) => {
    const wrong = [...push.problems, ...checkTexts(world.ledger, phone, push)];
    if (phone.owner && !phone.isVague && push.at > phone.owned_at + LATE_MS) {
      wrong.push(...checkOwner(world, phone.owner.user_id, push));
    }
    if (!phone.owner && !phone.isVague && push.at > phone.owned_at + LATE_MS)
      wrong.push("came to a phone of nobody");
    if (!mayComeBack(world.ledger, push)) wrong.push(...checkOnce(ids, phone, push));
    return wrong.map((what) => `${place}: ${JSON.stringify(dataOf(push))}: ${what}`);
  });
}

/** Words that were gone for long. */
function checkTexts(
  { push: known }: Ledger,
  { owner, owned_at }: Phone,
  { payload, at }: ReceivedPush,
): string[] {
  const words = JSON.stringify(payload).match(/zq\d+qz/g) ?? [];
  return words.flatMap((word) => {
    const gone = known.dead.get(word);
    if (gone !== undefined && at > gone + LATE_MS) return [`shows ${word}, gone for ${at - gone} ms`];
    const hidden = at > owned_at ? known.hidden.get(`${word} ${owner?.user_id}`) : undefined;
    if (hidden !== undefined && at > hidden + LATE_MS) return [`shows ${word}, hidden for ${at - hidden} ms`];
    return [];
  });
}

/** What somebody must not get: their own, what they have read, what is muted, and what is not for them. */
function checkOwner({ ledger, people, conversations }: World, userId: string, push: ReceivedPush): string[] {
  const { type, conversation_id, seq } = dataOf(push);
  const { at } = push;
  if (type === "clear" || type === "") return [];
  const wrong: string[] = [];
  const sent = ledger.arrived.find(
    (one) => one.conversation_id === conversation_id && one.message.seq === seq,
  );
  if (sent?.sender_id === userId) wrong.push("their own");
  const isGroup = GROUPS.has(conversations.indexOf(conversation_id));
  const block = ledger.push.blocks.find(
    (one) =>
      one.blocker_id === userId &&
      one.blocked_id === sent?.sender_id &&
      // What is said after it is never pushed; what was said before may be on its way.
      (sent.at > one.from || at > one.from + LATE_MS) &&
      at < one.to,
  );
  if (isGroup && block) wrong.push(`by whom they have blocked for ${at - block.from} ms`);
  if (isRequest(ledger, conversation_id, userId) && type !== "request" && type !== "badge")
    wrong.push("tells of a request that was never accepted");
  const isRead = (one: Ledger["push"]["reads"][number]) =>
    one.conversation_id === conversation_id &&
    one.user_id === userId &&
    one.seq >= seq &&
    at > one.at + LATE_MS;
  // Who was added once more has read nothing of what came since.
  const wasRead = ledger.push.reads.find(isRead);
  if (wasRead) wrong.push(`read up to ${wasRead.seq} for ${at - wasRead.at} ms`);
  const isMuted = ledger.push.mutes.some(
    (one) =>
      one.conversation_id === conversation_id &&
      one.user_id === userId &&
      at > one.from + LATE_MS &&
      at < one.to,
  );
  if (isMuted && (type === "message" || (type === "mention" && !names(sent, userId)))) wrong.push("is muted");
  const isKnown = ledger.members.get(`${conversation_id} ${userId}`)?.has(true) ?? false;
  const index = people.findIndex(({ who }) => who.user_id === userId);
  // A number alone is about no conversation.
  if (type !== "badge" && !isKnown && !MAY_BE_IN[conversations.indexOf(conversation_id)]?.includes(index))
    wrong.push("of a stranger");
  return wrong;
}

/** Who was in a conversation at the beginning: they may have left since. */
const MAY_BE_IN = [
  [0, 1],
  [0, 1, 2, 3, 4],
  [0, 1, 2, 3, 4],
  [3, 4],
];
const GROUPS: ReadonlySet<number> = new Set([1, 2]);

function names(
  sent: (Sent & { message: NonNullable<Sent["message"]> }) | undefined,
  userId: string,
): boolean {
  return sent?.message.mentions.some(({ user_id }) => user_id === userId) ?? true;
}

/** Whether a later message was taken back: the newest that is left may then push once more, in its place. */
function mayComeBack({ arrived }: Ledger, push: ReceivedPush): boolean {
  const { conversation_id, seq } = dataOf(push);
  return arrived.some(
    ({ message, isDeleted, hiddenBy, ...sent }) =>
      sent.conversation_id === conversation_id &&
      message.seq > seq &&
      (isDeleted.has(true) || hiddenBy.size > 0 || message.expires_at !== null),
  );
}

/** A message pushes once to a phone. What is repeated is the same to the phone. */
function checkOnce(ids: Map<string, string>, { tokens, owned_at }: Phone, push: ReceivedPush): string[] {
  const { type, conversation_id, seq } = dataOf(push);
  if (type === "clear" || type === "badge" || type === "edited" || push.at < owned_at) return [];
  if (push.provider === "fcm") {
    const { message } = push.payload as { message?: { android?: { notification?: { tag?: string } } } };
    return message?.android?.notification?.tag === conversation_id ? [] : ["has another tag"];
  }
  const wrong = push.headers["apns-collapse-id"] === conversation_id ? [] : ["has another collapse id"];
  if (push.status !== 200) return wrong;
  const id = push.headers["apns-id"] ?? "";
  const key = `${tokens.length} ${conversation_id} ${seq}`;
  const before = ids.get(key) ?? id;
  ids.set(key, id);
  return before === id ? wrong : [...wrong, `came as ${before} and as ${id}`];
}
