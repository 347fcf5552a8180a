/** A person who is erased in a run (rule 28): what is known of it, and what must be left. */
import { env } from "cloudflare:workers";
import { resumeJobs } from "../../src/jobs.ts";
import { makeDue } from "../worker/erase-kit.ts";
import { withFaults } from "../worker/faults.ts";
import { api, hubObject } from "../worker/kit.ts";
import { serverToken } from "../worker/server-kit.ts";
import type { Actor } from "./actor.ts";
import { realNow } from "./clock.ts";
import { type Phone, pushesTo } from "./phones.ts";
import { LATE_MS } from "./pushes.ts";
import type { Rows } from "./rows.ts";
import type { World } from "./world.ts";

/** Until a job is done at rest, in milliseconds. */
const DONE_MS = 10_000;

/** Has somebody erased, unless somebody was: from then on they do nothing any more, and the run goes on without them. */
export async function eraseAccount(
  world: World,
  victim: Actor,
  messages: "erase" | "anonymise",
): Promise<void> {
  const { ledger } = world;
  if (ledger.erased) return;
  const { user_id, username } = victim.who;
  const backend = await serverToken("export");
  const { status, body } = await api(backend, "POST", `/server/users/${user_id}/erase`, { messages });
  if (status !== 202) return;
  ledger.acknowledged += 1;
  ledger.erased = { user_id, username, messages, job_id: body.job_id, at: realNow() };
  for (const sent of ledger.sent) {
    const isTheirs = sent.sender_id === user_id;
    if (isTheirs && messages === "erase") sent.isDeleted.attempted(true, "unknown");
    // What was on its way is answered to nobody.
    if (isTheirs && sent.ending === undefined) sent.ending = "unknown";
    for (const [key, isThere] of sent.reactions)
      if (key.startsWith(`${user_id} `)) isThere.attempted(false, "unknown");
    sent.hiddenBy.delete(user_id);
  }
  victim.stop();
  world.actors = world.actors.filter(({ who }) => who.user_id !== user_id);
  world.people = world.people.filter(({ who }) => who.user_id !== user_id);
}

/** Carries the erasure to its end, as the cron trigger does. @returns what is wrong. */
export async function finishErasure(world: World): Promise<string[]> {
  const { erased } = world.ledger;
  if (!erased) return [];
  const backend = await serverToken("export");
  let job = "not asked";
  for (const end = performance.now() + DONE_MS; performance.now() < end; ) {
    await env.DB.prepare("UPDATE users SET erased_at = erased_at - 100000 WHERE user_id = ?")
      .bind(erased.user_id)
      .run();
    await makeDue(erased.job_id);
    await resumeJobs(withFaults(env), Date.now() + 120_000);
    const { body } = await api(backend, "GET", `/server/jobs/${erased.job_id}`);
    if (body.status === "done") return [];
    job = JSON.stringify(body);
  }
  return [`the erasure of ${erased.username} does not end: ${job}`];
}

/** What is left of them where the groups are: an id, and tombstones or texts of nobody. */
export async function checkErased(world: World, all: ReadonlyMap<string, Rows>): Promise<string[]> {
  const { erased, sent, push } = world.ledger;
  if (!erased) return [];
  const { user_id, username, messages } = erased;
  const wrong: string[] = [];
  const of = `the erased ${username}`;
  for (const [id, rows] of all) {
    const place = `in ${world.conversations.indexOf(id)}`;
    const member = rows.members.find((one) => one.user_id === user_id);
    if (member && !member.username.startsWith("deleted_")) wrong.push(`${of} is called so ${place}`);
    // A direct chat goes on without them.
    if (member && member.left_seq === null && rows.type === "group") wrong.push(`${of} is in ${place}`);
    for (const row of rows.messages) {
      if (row.sender_id === user_id && row.client_message_id !== null)
        wrong.push(`${row.seq} of ${of} has its client's id ${place}`);
      if (row.type === "system" && row.content.includes(username))
        wrong.push(`${row.seq} names ${of} ${place}: ${row.content}`);
      if (
        messages === "erase" &&
        row.sender_id === user_id &&
        row.type !== "system" &&
        row.deleted_at === null
      )
        wrong.push(`${row.seq} of ${of} is there ${place}`);
    }
    if (rows.reactions.some((one) => one.user_id === user_id))
      wrong.push(`a reaction of ${of} is there ${place}`);
  }
  // Of what was acknowledged as deleted by the certificate alone it is certain now.
  for (const one of sent)
    if (one.sender_id === user_id && messages === "erase") one.isDeleted.attempted(true, "done");
  const row = await env.DB.prepare("SELECT * FROM users WHERE user_id = ?").bind(user_id).first();
  if (JSON.stringify(row).includes(username)) wrong.push(`${of} is in D1`);
  for (const { who } of world.people) {
    const kept = (await hubObject(who.user_id).askPush(who.user_id, "devices", null)) as { ok: boolean };
    if (!kept.ok) wrong.push(`the hub of ${who.username} refuses`);
  }
  for (const phone of push.phones) wrong.push(...(await checkSilence(phone, erased)));
  return wrong;
}

/** Nothing comes to a phone of theirs any more. */
async function checkSilence(
  phone: Phone,
  { user_id, username, at }: { user_id: string; username: string; at: number },
) {
  if (phone.owner?.user_id !== user_id || phone.isVague) return [];
  const late = (await pushesTo(phone)).filter((push) => push.at > at + LATE_MS);
  return late.map((push) => `a push came to ${username} ${push.at - at} ms after the erasure`);
}
