/** Questions about a caller that are no operations. Non-members only learn whether the conversation exists. */
import { checkManage, checkOpen, checkSend } from "../domain/access.ts";
import type { Caller } from "../domain/caller.ts";
import { bannedPeople, checkModerate, checkWrite } from "../domain/moderation.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import type { QuestionName, Questions } from "../domain/questions.ts";
import { attachment, linkedAttachment } from "./messages/attachments.ts";
import { takeSnapshot } from "./moderation/snapshot.ts";
import { bannedAmong, refuseOutsider } from "./state/bans.ts";
import { checkWriting, strangerOf } from "./state/message-requests.ts";
import type { Room } from "./state/room.ts";
import type { MemberRow } from "./state/store.ts";

/** What an answer is made from. `member` is undefined only for questions that anyone may ask. */
interface Asked<Name extends QuestionName, Member = MemberRow> {
  room: Room;
  member: Member;
  input: Questions[Name]["input"];
}

/** How one question is answered. */
type Question<Name extends QuestionName> = {
  /** What a missing conversation is called. */
  unknown?: "NOT_FOUND";
} & (
  | { ofMember(asked: Asked<Name>): Outcome<Questions[Name]["answer"]> }
  | { ofAnyone(asked: Asked<Name, MemberRow | undefined>): Outcome<Questions[Name]["answer"]> }
);

const QUESTIONS: { [Name in QuestionName]: Question<Name> } = {
  membership: { ofMember: () => found(null) },
  mayAdd: {
    ofMember: ({ room, member, input }) => {
      const error = checkManage(member, room.info.type);
      if (error) return refused(error);
      const banned = bannedAmong(room, input.user_ids, Date.now());
      if (banned.length > 0) return refused(bannedPeople(banned));
      const fresh = input.user_ids.filter((id) => !room.member(id));
      return found(fresh.map((user_id) => ({ user_id, has_left: hasLeft(room, user_id) })));
    },
  },
  mayBan: {
    ofMember: ({ room, member, input }) => {
      const error = checkModerate(member, room.info.type);
      return error ? refused(error) : found(room.roster.has(input.user_id));
    },
  },
  mayDecline: { ofMember: ({ room, member }) => strangerOf(room, member) },
  mayUpload: {
    ofMember: ({ room, member }) => {
      const { settings } = room.info;
      const error =
        checkOpen(room.blocks.isClosed) ??
        checkWrite(member, settings, Date.now()) ??
        checkSend(member, settings) ??
        checkWriting(room, member);
      return error ? refused(error) : found(null);
    },
  },
  attachment: {
    unknown: "NOT_FOUND",
    ofMember: ({ room, member, input }) => attachment(room, member, input.attachment_id),
  },
  linkedAttachment: {
    unknown: "NOT_FOUND",
    ofAnyone: ({ room, input }) => linkedAttachment(room, input.attachment_id),
  },
  reportSnapshot: { ofAnyone: ({ room, input }) => takeSnapshot(room, input, Date.now()) },
};

function hasLeft({ roster }: Room, userId: string): boolean {
  return roster.get(userId)?.has_left ?? false;
}

/** Answers a question. @param caller null if nobody in particular asks. */
export function ask<Name extends QuestionName>(
  room: Room | undefined,
  caller: Pick<Caller, "user_id"> | null,
  name: Name,
  input: Questions[Name]["input"],
): Outcome<Questions[Name]["answer"]> {
  // TypeScript cannot infer that the question found by a name belongs to that name.
  const question = QUESTIONS[name] as unknown as Question<Name>;
  if (!room) return refused(question.unknown ?? "CONVERSATION_NOT_FOUND");
  const member = caller ? room.member(caller.user_id) : undefined;
  if ("ofAnyone" in question) return question.ofAnyone({ room, member, input });
  if (member && room.erased.has(member.user_id)) return refused("USER_DEACTIVATED");
  if (member) return question.ofMember({ room, member, input });
  return refused(caller ? refuseOutsider(room, caller.user_id, Date.now()) : "FORBIDDEN");
}
