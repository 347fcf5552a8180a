/** Gaps, duplicates, resumes, and pages of history. */
import { messageIdAt } from "@rocket-chat-api/client";
import { ANN, BOB, edited, fetched, ID, member, said, sync } from "../unit/client-kit.ts";
import { begins, happens, inputs, page, whole } from "./kit.ts";
import type { Scenario } from "./take.ts";

export const SYNC: readonly Scenario[] = [
  {
    name: "duplicates",
    about: "An event that is known already changes nothing, whether it is the same or older.",
    inputs: inputs(begins, said(2, BOB), said(2, BOB), said(3, BOB), said(2, BOB), begins),
  },
  {
    name: "gap",
    about:
      "A number that does not follow is a gap: nothing changes, and the client asks from its `seq`. Events out of order are the same.",
    inputs: inputs(
      begins,
      said(3, BOB),
      said(2, BOB),
      said(3, BOB),
      said(5, BOB),
      sync({ since: 3, seq: 5, messages: [fetched(4, BOB), fetched(5, BOB)], unread_count: 4 }),
      said(6, BOB),
    ),
  },
  {
    name: "unknown",
    about:
      "A conversation of which nothing is known: every numbered event but its creation is a gap, others change nothing that is not there.",
    inputs: inputs(said(7, BOB), whole(7, { messages: [fetched(7, BOB)], unread_count: 1 }), said(8, BOB)),
  },
  {
    name: "resume",
    about:
      "A resume in two frames: messages as they are now, members, watermarks, what the viewer has hidden, and the counts of the server.",
    inputs: inputs(
      begins,
      said(2, BOB),
      said(3, BOB),
      sync({
        since: 3,
        seq: 5,
        is_last: false,
        messages: [fetched(2, BOB, { content: "changed", changed_seq: 4, is_edited: true }), fetched(5, BOB)],
        unread_count: 4,
      }),
      sync({
        since: 5,
        seq: 7,
        messages: [fetched(6, ANN), fetched(7, BOB)],
        members: [member(BOB, "Robert")],
        hidden_message_ids: [messageIdAt(ID, 3)],
        read_states: [{ user_id: BOB, joined_seq: 1, last_read_seq: 6, last_delivered_seq: 6 }],
        unread_count: 3,
      }),
    ),
  },
  {
    name: "resume-twice",
    about: "The same answer again changes nothing: a resume may be applied twice.",
    inputs: inputs(
      begins,
      sync({ since: 1, seq: 2, messages: [fetched(2, BOB)], unread_count: 1 }),
      sync({ since: 1, seq: 2, messages: [fetched(2, BOB)], unread_count: 1 }),
    ),
  },
  {
    name: "resume-limited",
    about: "Too far behind: the newest page replaces the copy, and older messages are loaded by pages.",
    inputs: [
      ...inputs(
        begins,
        said(2, BOB),
        whole(200, {
          has_more: true,
          messages: [fetched(199, BOB), fetched(200, BOB)],
          unread_count: 100,
          unread_mentions: 2,
        }),
      ),
      { page: page(198, 190, true), before_seq: 199 },
      { page: page(198, 190, true), before_seq: 199 },
      { page: page(189, 185, false), before_seq: 190 },
    ],
  },
  {
    name: "stale-page",
    about: "A message that changed while its page was on its way is named in `stale`: fetch it again.",
    inputs: [
      ...inputs(
        whole(20, { has_more: true, messages: [fetched(20, BOB)], unread_count: 0 }),
        edited(21, 18, "changed"),
      ),
      { page: page(19, 17, true), before_seq: 20 },
      { fetched: fetched(18, BOB, { content: "changed", changed_seq: 21, is_edited: true }) },
      { fetched: fetched(18, BOB, { content: "an old answer" }) },
    ],
  },
  {
    name: "resume-removed",
    about:
      "A resume may say that the viewer is no longer a member, or that the direct chat is hidden or a request.",
    inputs: inputs(
      begins,
      sync({ since: 1, seq: 2, is_hidden: true }),
      sync({ since: 2, seq: 2, is_request: true }),
      sync({ since: 2, seq: 3, membership: "removed" }),
    ),
  },
  {
    name: "sync-required",
    about:
      "`sync.required`: who has everything up to its number need not ask; who has not, asks from their `seq`.",
    inputs: inputs(
      begins,
      { type: "sync.required", conversation_id: ID, up_to_seq: 1 },
      { type: "sync.required", conversation_id: ID, up_to_seq: 4 },
      { type: "sync.required", conversation_id: ID },
    ),
  },
  {
    name: "later-server",
    about:
      "A numbered event of an unknown type advances `seq`; the message that it names is stale, and is fetched (rule 31). An unnumbered one changes nothing.",
    inputs: [
      ...inputs(
        begins,
        said(2, BOB),
        { type: "message.translated", conversation_id: ID, seq: 3, data: { message_id: messageIdAt(ID, 2) } },
        { type: "poll.closed", conversation_id: ID, seq: 4, data: {} },
        { type: "poll.closed", conversation_id: ID, seq: 4, data: {} },
        { type: "poll.closed", conversation_id: ID, seq: 6, data: {} },
        happens("someone.waves", { user_id: BOB }),
      ),
      { fetched: fetched(2, BOB, { content: "translated", changed_seq: 3 }) },
    ],
  },
];
