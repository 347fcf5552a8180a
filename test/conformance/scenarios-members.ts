/** Members, settings, and what is the viewer's own. */
import { ANN, BOB, ID, member, said, sync } from "../unit/client-kit.ts";
import { begins, CAROL, carol, happens, inputs, LATER, settings } from "./kit.ts";
import type { Scenario } from "./take.ts";

export const MEMBERS: readonly Scenario[] = [
  {
    name: "members",
    about:
      "Who is added is a member from that number on; a change replaces the member, also their name on messages; who leaves is no member.",
    inputs: inputs(
      begins,
      happens("participant.added", { participants: [carol], participant_count: 3, added_by: ANN }, 2),
      said(3, BOB),
      happens(
        "participant.updated",
        { participants: [{ ...member(BOB, "Robert"), role: "admin" }], updated_by: ANN },
        4,
      ),
      happens(
        "participant.updated",
        { participants: [{ ...carol, mute: { until: LATER } }], updated_by: ANN },
        5,
      ),
      happens(
        "participant.removed",
        { user_id: CAROL, username: "carol", participant_count: 2, removed_by: CAROL },
        6,
      ),
      happens("former_member.updated", {
        user_id: CAROL,
        username: "carol",
        display_name: "Caroline",
        profile_photo_url: null,
      }),
    ),
  },
  {
    name: "removed",
    about:
      "A viewer who is removed hears no more: later events are gaps until they are added and a `conversation.sync` comes.",
    inputs: inputs(
      begins,
      said(2, BOB),
      happens(
        "participant.removed",
        { user_id: ANN, username: "ann", participant_count: 1, removed_by: BOB },
        3,
      ),
      said(4, BOB),
      happens("participant.added", { participants: [member(ANN)], participant_count: 2, added_by: BOB }, 5),
      sync({ since: 3, seq: 5, members: [member(ANN)] }),
      said(6, BOB),
    ),
  },
  {
    name: "settings",
    about: "`conversation.updated` has the name, description, photo, settings and metadata as they are now.",
    inputs: inputs(
      begins,
      happens(
        "conversation.updated",
        {
          name: "Best friends",
          description: "A group",
          photo_url: "https://photos.example.com/a.jpg",
          settings: { ...settings, only_admins_can_send: true, slow_mode_seconds: 30 },
          metadata: null,
          updated_by: ANN,
        },
        2,
      ),
    ),
  },
  {
    name: "own",
    about:
      "What the viewer does on another device: preferences, leaving a direct chat (it is back with the next message), requests.",
    inputs: inputs(
      begins,
      happens("preferences.updated", {
        conversation_id: ID,
        is_muted: true,
        muted_until: LATER,
        is_pinned: false,
        is_archived: false,
        push_level: null,
      }),
      happens("conversation.hidden", { up_to_seq: 1 }),
      said(2, BOB),
      happens("conversation.hidden", { up_to_seq: 1 }),
      happens("request.updated", { status: "declined" }),
      happens("request.updated", { status: "accepted" }),
    ),
  },
  {
    name: "blocks",
    about:
      "After a block the viewer may see other messages: `sync.required` with `reset` forgets the copy, and the next sync begins from 0.",
    inputs: inputs(
      begins,
      said(2, BOB),
      { type: "blocks.updated", data: { user_id: BOB, is_blocked: true, blocked_at: LATER } },
      { type: "sync.required", conversation_id: ID, reset: true },
      said(3, ANN),
      sync({
        seq: 3,
        limited: true,
        reset: true,
        members: [member(ANN), member(BOB)],
        messages: [{ ...said(3, ANN).data, receipt_status: "sent" } as never],
      }),
    ),
  },
];
