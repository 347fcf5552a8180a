/**
 * `npm run demo`: three people talk through a running `npm run dev`, each by another way in, and everything printed is what
 * their clients heard. It is written with the client package, as an app is. `--help` lists the flags.
 */
import { isDeepStrictEqual } from "node:util";
import { ApiError, isRetryable, type Message } from "@rocket-chat-api/client";
import { readArguments, refuseArguments, wholeNumber } from "./arguments.ts";
import { ensureDevVars } from "./dev-vars.ts";
import { isUp } from "./serve.ts";
import { NotConnected, Talker } from "./talker.ts";

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
type Line = { seq: number; sender: string; content: string };

function lineOf({ seq, sender, content }: Pick<Message, "seq" | "sender" | "content">): Line {
  return { seq, sender: sender.username, content };
}

/** What one person heard in one conversation, in the order in which it came. */
function heardBy(talker: Talker, conversationId: string): Line[] {
  return talker.heard.filter(({ conversation_id }) => conversation_id === conversationId).map(lineOf);
}

function tell(title: string, lines: Line[]): void {
  console.log(`\n${title}`);
  for (const { seq, sender, content } of lines)
    console.log(`  ${String(seq).padStart(3)}  ${sender}: ${content}`);
}

/** The three people and the conversations they have. */
async function meet() {
  const secret = ensureDevVars();
  const [alice, bob] = [new Talker("alice", url, secret), new Talker("bob", url, secret)];
  // Only users who have used the service once can be added to a group.
  const stranger = new Talker("carol", url, secret);
  for (const { client } of [alice, bob, stranger]) await client.rest.me();
  await Promise.all([alice.connect(), bob.connect()]);
  const direct = await alice.client.rest.createDirect(bob.user_id);
  console.log("alice has a direct chat with bob");
  const participant_ids = [bob.user_id, stranger.user_id];
  const group = await alice.client.rest.createGroup({ name: "Demo", participant_ids });
  console.log(`alice created the group "${group.name}" with ${group.participant_count} members`);
  const carol = await new Talker("carol", url, secret, group.conversation_id).connect();
  return { alice, bob, carol, group: group.conversation_id, direct: direct.conversation_id };
}

type Meeting = Awaited<ReturnType<typeof meet>>;

/** The conversation: every message is waited for by all three before the next is said. */
async function talk({ alice, bob, carol, group, direct }: Meeting): Promise<string[]> {
  const problems: string[] = [];
  const all = [alice, bob, carol];
  const overRest = (conversation_id: string, content: string, client_message_id: string) =>
    alice.client.rest.sendMessage({ conversation_id, type: "text", content, client_message_id });
  const key = crypto.randomUUID();
  const first = await overRest(group, "Hello from alice, over REST", key);
  await Promise.all(all.map((one) => one.hears(first)));
  const second = await bob.client.send(group, { content: "Hello from bob, over /ws" });
  await Promise.all(all.map((one) => one.hears(second)));
  const third = await carol.client.send(group, { content: "Hello from carol, over the group's own socket" });
  await Promise.all(all.map((one) => one.hears(third)));
  const again = await overRest(group, "Hello from alice, over REST", key);
  const seqs = `seq ${again.seq}, and ${first.seq} the first time`;
  console.log(`alice sent her first message again with the same client_message_id: ${seqs}`);
  if (again.message_id !== first.message_id) problems.push(`the retry became message ${again.seq}`);
  // At the same moment, by three ways: who comes first is the conversation's choice, and the same for everybody.
  const only = await overRest(direct, "Only for bob", crypto.randomUUID());
  const race = await Promise.all([
    overRest(group, "alice, at the same moment", crypto.randomUUID()),
    bob.client.send(group, { content: "bob, at the same moment" }),
    carol.client.send(group, { content: "carol, at the same moment" }),
  ]);
  await Promise.all([bob.hears(only), ...all.flatMap((one) => race.map((message) => one.hears(message)))]);
  await new Promise((resolve) => setTimeout(resolve, AFTERTHOUGHT_MS));
  return problems;
}

/** Compares what was heard, and what REST says. */
async function compare({ alice, bob, carol, group, direct }: Meeting): Promise<string[]> {
  const problems: string[] = [];
  const views = [alice, bob, carol].map((one) => ({ name: one.name, lines: heardBy(one, group) }));
  for (const { name, lines } of views) tell(`${name} heard in the group:`, lines);
  tell("bob heard in the direct chat:", heardBy(bob, direct));
  if (!isDeepStrictEqual(heardBy(alice, direct), heardBy(bob, direct))) {
    problems.push("alice and bob saw different messages in the direct chat");
  }
  if (heardBy(carol, direct).length > 0) problems.push("carol heard the direct chat of the others");
  const { conversations } = await bob.client.rest.conversations({ limit: 5 });
  console.log("\nbob lists his conversations:");
  for (const { name, other_user, last_message, unread_count } of conversations) {
    const title = name ?? `with ${other_user?.username}`;
    console.log(`  ${title}: ${unread_count} unread, last "${last_message?.content}"`);
  }
  if (!conversations.some((item) => item.conversation_id === group))
    problems.push("bob's list lacks the group");
  const page = await alice.client.rest.listMessages({ conversation_id: group, limit: 50 });
  const history = page.messages.reverse().map(lineOf);
  // Carol opened her socket after the group had begun; what was said before is not for it to hear.
  const start = heardBy(carol, group)[0]?.seq ?? 0;
  for (const { name, lines } of [...views, { name: "the history", lines: history }]) {
    const since = lines.filter((line) => line.seq >= start);
    if (!isDeepStrictEqual(since, heardBy(carol, group)))
      problems.push(`${name} and carol saw different messages`);
  }
  return problems;
}

async function main(): Promise<string[]> {
  if (!(await isUp(url))) return [`there is no server at ${url}: start one with \`npm run dev\``];
  const meeting = await meet();
  try {
    const problems = [...(await talk(meeting)), ...(await compare(meeting))];
    const count = heardBy(meeting.carol, meeting.group).length;
    if (problems.length === 0) {
      console.log(`\nalice, bob and carol saw the same ${count} messages in the same order`);
    }
    return problems;
  } finally {
    for (const { client } of [meeting.alice, meeting.bob, meeting.carol]) client.stop();
  }
}

/** A sentence that says what to do about an error. */
function explain(error: unknown): string {
  const code = error instanceof ApiError || error instanceof NotConnected ? error.code : undefined;
  if (code === "UNAUTHORIZED") {
    return `the server at ${url} does not take this checkout's tokens: is it running with another .dev.vars?`;
  }
  if (code === "RATE_LIMIT_EXCEEDED") {
    return "the server has had enough of these three for now: try again in a minute";
  }
  const hint = isRetryable(error) ? ": try again" : "";
  return `the conversation broke off: ${error instanceof Error ? error.message : error}${hint}`;
}

const problems = await main().catch((error: unknown) => [explain(error)]);
for (const problem of problems) console.error(`demo: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
