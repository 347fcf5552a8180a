/** Questions about a caller that are no operations. Non-members only learn whether the conversation exists. */
import { checkManage, checkOpen, checkSend } from "../domain/access.ts";
import type { Caller } from "../domain/caller.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import type { QuestionName, Questions } from "../domain/questions.ts";
import { attachment, linkedAttachment } from "./messages/attachments.ts";
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
      return error ? refused(error) : found(input.user_ids.filter((id) => !room.member(id)).length);
    },
  },
  mayUpload: {
    ofMember: ({ room, member }) => {
      const error = checkOpen(room.blocks.isClosed) ?? checkSend(member, room.info.settings);
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
};

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
  return member ? question.ofMember({ room, member, input }) : refused("FORBIDDEN");
}
