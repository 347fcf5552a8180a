/** Deletes a conversation for everybody (rule 28). */
import { SYSTEM } from "../../domain/system-user.ts";
import { answer, type Change, type Emission, type Room } from "../state/room.ts";
import * as schema from "../state/schema.ts";

/** What was said, and what hangs on it. */
const CONTENT = [
  ...[schema.messages, schema.edits, schema.reactions, schema.mentions, schema.hidden, schema.pins],
  ...[schema.attachments, schema.readMarks, schema.delivered, schema.tallies, schema.pushWords],
  schema.blocks,
  ...[schema.bans, schema.purges, schema.slowEdits],
  ...[schema.evidence, schema.evidenceVersions],
];

/**
 * Ends every membership and deletes what was said, in one turn. Each member hears that they were removed, and nothing
 * else. The rows of the members stay for the directory, so that `/sync` tells those who were away, until the object is
 * destroyed. An object that was destroyed has no room, so there is nothing to repeat.
 */
export function erase(room: Room): Change<null> {
  const members = room.currentMembers();
  if (members.length > 0) room.nextSeq();
  const emissions = members.map((member): Emission => {
    const { user_id, username } = member;
    const { head: seq } = room;
    room.putMember({ ...member, role: "member", left_seq: seq, changed_seq: seq, at_seq: seq });
    const data = { user_id, username, participant_count: 0, removed_by: SYSTEM.user_id };
    const event = { type: "participant.removed" as const, conversation_id: room.id, seq, data };
    return { event, to: new Set([user_id]) };
  });
  for (const table of CONTENT) room.store.db.delete(table).run();
  const named = { name: null, description: null, photo_url: null, metadata: null };
  room.store.updateConversation({ ...named, changed_seq: room.head });
  return { ...answer(null), emissions, removed: members.map(({ user_id }) => user_id) };
}
