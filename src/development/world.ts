/** A small world for the first look: a group and direct chats, in which something was said. Made over the API. */
import { createRest, Http, type Rest, Tokens } from "@rocket-chat-api/client";
import { type DemoName, type DemoPerson, NAMES } from "./people.ts";

/** A line of a conversation: who says it, what, and reactions to it. */
type Line = [from: DemoName, content: string, reactions?: readonly [DemoName, string][]];

const HIKE: readonly Line[] = [
  ["carol", "Saturday looks dry. Who is in for the ridge walk? 🥾"],
  ["bob", "Me! How long is it?", [["carol", "🎉"]]],
  ["carol", "14 km, about five hours with a break at the lake"],
  [
    "alice",
    "In. I can drive, there is room for three",
    [
      ["bob", "❤️"],
      ["carol", "❤️"],
    ],
  ],
  ["bob", "Then I bring lunch. Anything you do not eat?"],
  ["carol", "No mushrooms for me, please"],
  ["bob", "@alice where do we meet?"],
];

const ALICE_BOB: readonly Line[] = [
  ["bob", "Did you see the photos from last week?"],
  ["alice", "Not yet. Send them over!"],
  ["bob", "They are on my other laptop, tonight then"],
  ["alice", "No hurry 🙂"],
  ["bob", "Also: https://developers.cloudflare.com/durable-objects/ is what I was talking about"],
];

const ALICE_CAROL: readonly Line[] = [
  ["alice", "Can I borrow your tent in July?"],
  ["carol", "Of course, it is in the cellar anyway", [["alice", "🙏"]]],
];

const BOB_CAROL: readonly Line[] = [
  ["carol", "Alice drives on Saturday, so we share the petrol?"],
  ["bob", "Sure 👍"],
];

/** What the world is made with. */
export interface WorldTools {
  people: Readonly<Record<DemoName, DemoPerson>>;
  tokens: Readonly<Record<DemoName, string>>;
  /** The service. */
  origin: string;
  fetch: typeof fetch;
}

type Rests = Readonly<Record<DemoName, Rest>>;

async function say(rests: Rests, conversation_id: string, lines: readonly Line[]): Promise<void> {
  for (const [from, content, reactions = []] of lines) {
    const mentions = content.match(/@\w+/g);
    const metadata = mentions ? { mentions } : null;
    const { message_id } = await rests[from].sendMessage({
      conversation_id,
      type: "text",
      content,
      metadata,
    });
    for (const [name, emoji] of reactions) await rests[name].addReaction({ message_id, emoji });
  }
}

/** Makes the world, unless the first of the people has conversations already. Everybody exists afterwards. */
export async function ensureWorld({ people, tokens, origin, fetch }: WorldTools): Promise<void> {
  const restOf = (name: DemoName) => createRest(new Http(origin, new Tokens(() => tokens[name]), fetch));
  const rests: Rests = { alice: restOf("alice"), bob: restOf("bob"), carol: restOf("carol") };
  for (const name of NAMES) await rests[name].me();
  const { conversations } = await rests.alice.conversations({ limit: 1 });
  if (conversations.length > 0) return;
  const { alice, bob, carol } = people;
  const directOf = async (from: DemoName, to: DemoPerson) =>
    (await rests[from].createDirect(to.user_id)).conversation_id;
  await say(rests, await directOf("bob", carol), BOB_CAROL);
  await say(rests, await directOf("alice", carol), ALICE_CAROL);
  const group = await rests.carol.createGroup({
    name: "Weekend hike",
    description: "Ridge walk on Saturday, 8:30",
    participant_ids: [alice.user_id, bob.user_id],
  });
  await say(rests, group.conversation_id, HIKE);
  await say(rests, await directOf("alice", bob), ALICE_BOB);
}
