/**
 * `npm run demo`: three people talk through a running `npm run dev`, each by another way in, and everything printed is
 * what their sockets heard. `--help` lists the flags.
 */
import { isDeepStrictEqual } from "node:util";
import { Conversation, ConversationList, Me, Message, MessagePage } from "@rocket-chat-api/protocol";
import { readArguments, refuseArguments, wholeNumber } from "./arguments.ts";
import { ensureDevVars } from "./dev-vars.ts";
import { type Ear, Person, Refused, socketPath } from "./person.ts";
import { isUp } from "./serve.ts";

/** How long to listen after everything was heard: something said twice would come now, in milliseconds. */
const AFTERTHOUGHT_MS = 300;

const USAGE = `
Usage: npm run demo -- [flags]

Three people talk through a running \`npm run dev\`, each by another way in; prints what their sockets heard.

  --port <number>   the port of the server on this machine; 8787
  --url <address>   the server's address, where it is not on this machine
`;

const { values } = readArguments({
  usage: USAGE,
  options: { port: { type: "string", default: "8787" }, url: { type: "string" } },
});
const url = (values.url ?? `http://localhost:${wholeNumber("port", values.port)}`).replace(/\/+$/, "");
if (!/^https?:\/\//.test(url) || !URL.canParse(url)) refuseArguments(`--url takes an address, not '${url}'`);

/** One line of a conversation, as somebody has seen it. */
interface Line {
  seq: number;
  sender: string;
  content: string;
}

/** What a socket heard in one conversation, in the order in which it came. */
function heardBy(ear: Ear, conversationId: string): Line[] {
  return ear.events.flatMap((event) =>
    event.type === "message.new" && event.conversation_id === conversationId ? [lineOf(event.data)] : [],
  );
}

function lineOf(message: Pick<Message, "seq" | "sender" | "content">): Line {
  return { seq: message.seq, sender: message.sender.username, content: message.content };
}

function tell(title: string, lines: Line[]): void {
  console.log(`\n${title}`);
  for (const { seq, sender, content } of lines)
    console.log(`  ${String(seq).padStart(3)}  ${sender}: ${content}`);
}

/** Waits until a socket has heard this message. */
async function hears(ear: Ear, message: Message): Promise<void> {
  await ear.heard((event) => event.type === "message.new" && event.data.message_id === message.message_id);
}

async function sendOverRest(person: Person, conversationId: string, content: string, id: string) {
  const body = { type: "text", content, client_message_id: id };
  return await person.api(Message, "POST", `/conversations/${conversationId}/messages`, body);
}

async function sendOverSocket(ear: Ear, conversation_id: string, content: string): Promise<Message> {
  return Message.parse(
    await ear.ask({ type: "message.send", conversation_id, data: { type: "text", content } }),
  );
}

/** The three people, their sockets, and the conversations they have. */
async function meet() {
  const secret = ensureDevVars();
  const [alice, bob, carol] = [
    await Person.of("alice", url, secret),
    await Person.of("bob", url, secret),
    await Person.of("carol", url, secret),
  ];
  for (const person of [alice, bob, carol]) await person.api(Me, "GET", "/users/me");
  const ears = { alice: await alice.connect("/ws"), bob: await bob.connect("/ws") };
  const direct = await alice.api(Conversation, "POST", "/conversations/direct", { user_id: bob.user_id });
  console.log(`alice ${direct.status === 201 ? "created" : "found"} a direct chat with bob`);
  const participant_ids = [bob.user_id, carol.user_id];
  const group = await alice.api(Conversation, "POST", "/conversations/group", {
    name: "Demo",
    participant_ids,
  });
  console.log(`alice created the group "${group.body.name}" with ${group.body.participant_count} members`);
  const id = group.body.conversation_id;
  const roomEar = await carol.connect(socketPath(id));
  return {
    alice,
    bob,
    carol,
    ears: { ...ears, carol: roomEar },
    group: id,
    direct: direct.body.conversation_id,
  };
}

/** The conversation: every message is waited for by all three before the next is said. */
async function talk({ alice, ears, group, direct }: Awaited<ReturnType<typeof meet>>): Promise<string[]> {
  const problems: string[] = [];
  const all = [ears.alice, ears.bob, ears.carol];
  const key = crypto.randomUUID();
  const first = await sendOverRest(alice, group, "Hello from alice, over REST", key);
  await Promise.all(all.map((ear) => hears(ear, first.body)));
  const second = await sendOverSocket(ears.bob, group, "Hello from bob, over /ws");
  await Promise.all(all.map((ear) => hears(ear, second)));
  const third = await sendOverSocket(ears.carol, group, "Hello from carol, over the group's own socket");
  await Promise.all(all.map((ear) => hears(ear, third)));
  const again = await sendOverRest(alice, group, "Hello from alice, over REST", key);
  const seqs = `seq ${again.body.seq}, and ${first.body.seq} the first time`;
  console.log(`alice sent her first message again with the same client_message_id: ${again.status}, ${seqs}`);
  if (again.status !== 200 || again.body.message_id !== first.body.message_id) {
    problems.push(`the retry was answered with ${again.status} and message ${again.body.seq}`);
  }
  // At the same moment, by three ways: who comes first is the conversation's choice, and the same for everybody.
  const { body: at } = await sendOverRest(alice, direct, "Only for bob", crypto.randomUUID());
  const race = await Promise.all([
    sendOverRest(alice, group, "alice, at the same moment", crypto.randomUUID()).then(({ body }) => body),
    sendOverSocket(ears.bob, group, "bob, at the same moment"),
    sendOverSocket(ears.carol, group, "carol, at the same moment"),
  ]);
  await Promise.all([
    hears(ears.bob, at),
    ...all.flatMap((ear) => race.map((message) => hears(ear, message))),
  ]);
  await new Promise((resolve) => setTimeout(resolve, AFTERTHOUGHT_MS));
  return problems;
}

/** Compares what the sockets heard, and what REST says. */
async function compare({
  alice,
  bob,
  ears,
  group,
  direct,
}: Awaited<ReturnType<typeof meet>>): Promise<string[]> {
  const problems: string[] = [];
  const views = Object.entries(ears).map(([name, ear]) => ({ name, lines: heardBy(ear, group) }));
  for (const { name, lines } of views) tell(`${name} heard in the group:`, lines);
  tell("bob heard in the direct chat:", heardBy(ears.bob, direct));
  if (!isDeepStrictEqual(heardBy(ears.alice, direct), heardBy(ears.bob, direct))) {
    problems.push("alice and bob saw different messages in the direct chat");
  }
  if (heardBy(ears.carol, direct).length > 0) problems.push("carol heard the direct chat of the others");
  const { body: list } = await bob.api(ConversationList, "GET", "/conversations?limit=5");
  console.log("\nbob lists his conversations:");
  for (const { name, other_user, last_message, unread_count } of list.conversations) {
    const title = name ?? `with ${other_user?.username}`;
    console.log(`  ${title}: ${unread_count} unread, last "${last_message?.content}"`);
  }
  if (!list.conversations.some((item) => item.conversation_id === group))
    problems.push("bob's list lacks the group");
  const page = await alice.api(MessagePage, "GET", `/conversations/${group}/messages`);
  const history = page.body.messages.reverse().map(lineOf);
  // Carol opened her socket after the group had begun; what was said before is not for it to hear.
  const start = heardBy(ears.carol, group)[0]?.seq ?? 0;
  for (const { name, lines } of [...views, { name: "the history", lines: history }]) {
    const since = lines.filter((line) => line.seq >= start);
    if (!isDeepStrictEqual(since, heardBy(ears.carol, group)))
      problems.push(`${name} and carol saw different messages`);
  }
  return problems;
}

async function main(): Promise<string[]> {
  if (!(await isUp(url))) return [`there is no server at ${url}: start one with \`npm run dev\``];
  const meeting = await meet();
  try {
    const problems = [...(await talk(meeting)), ...(await compare(meeting))];
    const count = heardBy(meeting.ears.carol, meeting.group).length;
    if (problems.length === 0) {
      console.log(`\nalice, bob and carol saw the same ${count} messages in the same order`);
    }
    return problems;
  } finally {
    for (const ear of Object.values(meeting.ears)) ear.drop();
  }
}

/** A sentence that says what to do about an error. */
function explain(error: unknown): string {
  if (error instanceof Refused && error.code === "UNAUTHORIZED") {
    return `the server at ${url} does not take this checkout's tokens: is it running with another .dev.vars?`;
  }
  if (error instanceof Refused && error.code === "RATE_LIMIT_EXCEEDED") {
    return "the server has had enough of these three for now: try again in a minute";
  }
  return `the conversation broke off: ${error instanceof Error ? error.message : error}`;
}

const problems = await main().catch((error: unknown) => [explain(error)]);
for (const problem of problems) console.error(`demo: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
