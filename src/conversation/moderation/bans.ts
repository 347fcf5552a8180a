/** Bans: people who are removed, and cannot be added, until a time (rule 29). */
import {
  type Ban,
  type BanPage,
  type BansQuery,
  type BanUser,
  MAX_BANS,
  timestamp,
  type UserSummary,
} from "@rocket-chat-api/protocol";
import type { Ranked } from "../../domain/access.ts";
import { summaryOf } from "../../domain/caller.ts";
import {
  checkEnd,
  checkModerate,
  checkTarget,
  deletedSince,
  endOf,
  shownEnd,
} from "../../domain/moderation.ts";
import { created, found, type Outcome, refused } from "../../domain/outcome.ts";
import type { EpochMs } from "../../domain/time.ts";
import { takeOut } from "../members/membership.ts";
import { type BanRow, banOf, countBans, listedBans, personOf, putBan, removeBan } from "../state/bans.ts";
import type { Context, Handlers } from "../state/handler.ts";
import { answer, type Change, type Emission, type Room, unchanged } from "../state/room.ts";
import { recordAct } from "./log.ts";
import { isPurging, startPurge } from "./purge.ts";

/** A person who was never a member counts as one. */
const NOBODY: Ranked = { role: "member" };

function banUser({ room, member: actor, input, people, limits, now }: Context<"banUser">): Change<Ban> {
  const target = room.member(input.user_id);
  const refusal = checkModerate(actor, room.info.type) ?? checkTarget(actor, target ?? NOBODY);
  if (refusal) return unchanged(refused(refusal));
  return ban(room, input, actor, { people, evidenceMs: limits.evidenceMs }, now);
}

/**
 * Bans a user, and removes them if they are a member. The same ban once more changes nothing, but deletes what it says.
 * @param actor a member who may, or {@link SYSTEM}.
 * @param people the user, if the conversation may not know them. @param evidenceMs how long what is deleted can be reported.
 */
export function ban(
  room: Room,
  input: BanUser & { user_id: string },
  actor: UserSummary,
  { people, evidenceMs }: { people: readonly UserSummary[]; evidenceMs: number },
  now: EpochMs,
): Change<Ban> {
  const { user_id, reason = null, delete_messages = "none", announce = false } = input;
  const until = endOf(input.until);
  const target = room.roster.get(user_id) ?? people.find((person) => person.user_id === user_id);
  if (!target) return unchanged(refused("NOT_FOUND", "No such user"));
  const known = banOf(room, user_id, now);
  const refusal = checkEnd(until, now);
  if (refusal) return unchanged(refused(refusal));
  const isSame = known?.until === until && known.reason === reason;
  if (known && isSame && delete_messages === "none") return answer(toBan(room, known));
  if (!known && countBans(room, now) >= MAX_BANS) {
    return unchanged(
      refused("LIMIT_REACHED", `At most ${MAX_BANS} people can be banned: take a ban back first`, {
        limit: MAX_BANS,
      }),
    );
  }
  const row = { user_id, person: summaryOf(target), until, reason, banned_by: actor.user_id, banned_at: now };
  putBan(room, row);
  const member = room.member(user_id);
  const emissions: Emission[] = member ? takeOut(room, member, actor) : [];
  const act = { kind: "ban" as const, actor, target, until, reason, details: { delete_messages } };
  emissions.push(...recordAct(room, { ...act, isAnnounced: announce }, now));
  const since = deletedSince(delete_messages, now);
  const deleted =
    since === undefined
      ? undefined
      : startPurge(room, { user_id, since, by: actor.user_id, evidenceMs }, now);
  return {
    outcome: (known ? found : created)(toBan(room, row)),
    emissions: [...emissions, ...(deleted?.emissions ?? [])],
    removed: member ? [user_id] : [],
    discarded: deleted?.discarded ?? [],
  };
}

function unbanUser({ room, member: actor, input, now }: Context<"unbanUser">): Change<null> {
  const refusal = checkModerate(actor, room.info.type);
  return refusal ? unchanged(refused(refusal)) : unban(room, input.user_id, actor, input.announce, now);
}

/** Takes a ban back. Without one that holds, nothing changes. @param actor a member who may, or {@link SYSTEM}. */
export function unban(
  room: Room,
  userId: string,
  actor: UserSummary,
  isAnnounced: boolean,
  now: EpochMs,
): Change<null> {
  const known = banOf(room, userId, now);
  if (!known) return answer(null);
  removeBan(room, userId);
  const target = personOf(room, known);
  return { ...answer(null), emissions: recordAct(room, { kind: "unban", actor, target, isAnnounced }, now) };
}

/** A ban as moderators see it. */
function toBan(room: Room, ban: Omit<BanRow, "id">): Ban {
  const { until, reason, banned_by, banned_at } = ban;
  const person = personOf(room, ban);
  return { ...person, until: shownEnd(until), reason, banned_by, banned_at: timestamp(banned_at) };
}

function listBans({ room, member, input, now }: Context<"listBans">): Outcome<BanPage> {
  const refusal = checkModerate(member, room.info.type);
  return refusal ? refused(refusal) : found(bansPage(room, input, now));
}

/** A page of the bans that hold, the newest first. */
export function bansPage(room: Room, { cursor, limit }: BansQuery, now: EpochMs): BanPage {
  const listed = listedBans(room, cursor, limit + 1, now);
  const page = listed.slice(0, limit);
  const last = listed.length > page.length ? page.at(-1) : undefined;
  return { bans: page.map((row) => toBan(room, row)), next_cursor: last ? String(last.id) : null };
}

export const banHandlers = {
  banUser: {
    apply: banUser,
    // What is left is deleted by the alarm.
    after: ({ room, now }, effects) => isPurging(room) && effects.ringBy(now),
  },
  unbanUser: { apply: unbanUser },
  listBans: { answer: listBans },
} satisfies Partial<Handlers>;
