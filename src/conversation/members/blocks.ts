/** Takes what hubs say of who has blocked whom (rule 29). What a block does is said in state/blocks.ts and visibility.ts. */
import type { BlockWord } from "../../domain/blocks.ts";
import type { Caller } from "../../domain/caller.ts";
import { deletedAbove, mentionsAbove } from "../receipts/unread.ts";
import type { Services } from "../state/handler.ts";
import { answer, type Change, type Emission, type Room } from "../state/room.ts";

/** The change, and what it ends. */
export interface BlocksChange extends Change<null> {
  /** Words by which one of two has just blocked the other. */
  separated: BlockWord[];
  /** Members who see other messages now. What is on its way to them is out of date. */
  reset: ReadonlySet<string>;
}

/**
 * Keeps words about people who are or were members, and counts again. Repeating it, or an older word, changes nothing.
 * @param isNoNews whether a word changes nothing that the blocker's clients show already.
 */
export function setBlocks(
  room: Room,
  words: readonly BlockWord[],
  isNoNews: (word: BlockWord) => boolean = () => false,
): BlocksChange {
  const isKnown = ({ blocker_id, blocked_id }: BlockWord) =>
    room.roster.has(blocker_id) && room.roster.has(blocked_id) && blocker_id !== blocked_id;
  const changed = words.filter((word) => isKnown(word) && room.blocks.put(word));
  const separated = changed.filter(({ is_blocked }) => is_blocked);
  const reset = new Set<string>();
  // In a direct conversation nothing is hidden, so there is nothing to count or to read again.
  const counted = room.info.type === "group" ? changed : [];
  for (const word of counted) {
    if (room.member(word.blocker_id) && !isNoNews(word)) reset.add(word.blocker_id);
  }
  for (const userId of new Set(counted.map(({ blocker_id }) => blocker_id))) {
    recountBlocked(room, userId, reset.has(userId));
  }
  return { ...answer(null), emissions: reset.size === 0 ? [] : [resetEvent(room, reset)], separated, reset };
}

/** Asks the directory who of the new people, and of those who are or were here, has blocked whom. */
export async function blocksOfNew(
  room: Room,
  people: readonly Caller[],
  services: Pick<Services, "blocksAmong">,
): Promise<BlockWord[]> {
  const fresh = people.map(({ user_id }) => user_id).filter((userId) => !room.member(userId));
  return fresh.length === 0 ? [] : await services.blocksAmong(fresh, [...room.roster.keys()]);
}

/**
 * Keeps the words that come with new members. The clients of who is new know nothing yet, and those of the others have
 * nothing of a newcomer.
 * @param joined who is new.
 * @param newcomers those among them who were never here before.
 */
export function joinWithBlocks(
  room: Room,
  words: readonly BlockWord[],
  joined: ReadonlySet<string>,
  newcomers: ReadonlySet<string>,
): Emission[] {
  if (words.length === 0) return [];
  return setBlocks(room, words, (word) => joined.has(word.blocker_id) || newcomers.has(word.blocked_id))
    .emissions;
}

/** @param isReset whether the member's clients must begin from 0. */
function recountBlocked(room: Room, userId: string, isReset: boolean): void {
  const member = room.member(userId);
  if (!member) return;
  const { last_read_seq } = member;
  room.putMember({
    ...member,
    blocks_seq: isReset ? room.head : member.blocks_seq,
    at_seq: room.head,
    read_blocked_no: room.blockedNo(userId, last_read_seq),
    unread_deleted: deletedAbove(room, userId, last_read_seq),
    unread_mentions: mentionsAbove(room, userId, last_read_seq),
  });
}

function resetEvent(room: Room, to: ReadonlySet<string>): Emission {
  return { event: { type: "sync.required", conversation_id: room.id, reset: true }, to };
}
