/** What others keep of an erased person: their phones, exports, reports, and the rooms that the person has moderated (rule 28). */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { sample, sendFile } from "./attachments-kit.ts";
import { erase, finished, found, storedAt, storedIn, storedInDirectory } from "./erase-kit.ts";
import { api, group, hubObject, type Person, people, say, uniqueName } from "./kit.ts";
import { reportIt } from "./moderation-kit.ts";
import { control, type Phone, phoneOf, screen } from "./push-kit.ts";
import { type Backend, serverToken } from "./server-kit.ts";
import { eventually } from "./state-kit.ts";

const refuse = async ({ token }: Phone) =>
  await control.answer({ provider: "apns", token, answer: { status: 500 } });

async function exported(backend: Backend, who: Person): Promise<string> {
  const { body } = await api(backend, "POST", `/server/users/${who.user_id}/export`);
  expect(await finished(backend, body.job_id)).toMatchObject({ status: "done" });
  return body.job_id;
}

const filesOf = async ({ user_id }: Person): Promise<string[]> =>
  (await env.ATTACHMENTS.list({ prefix: `exports/${user_id}/` })).objects.map(({ key }) => key);

describe("an erased person, and others", () => {
  it("[R28 ERASE-10] what waits for another's phone loses its text and name, and the phone goes on", async () => {
    const backend = await serverToken("export");
    const word = uniqueName("canary");
    const [ada, bob] = await people(word, "bob");
    const id = await group(ada, [bob], `${ada.username} and friends`);
    const phone = await phoneOf(bob);
    await refuse(phone);
    await say(ada, id, `${word} waits`);
    await eventually(async () => expect(found(await storedAt(bob), `${word} waits`)).not.toEqual([]));
    await finished(backend, await erase(backend, ada), ada);
    expect(found(await storedAt(bob), word)).toEqual([]);
    await control.accept(phone.token);
    const cid = (await people("cid"))[0] as Person;
    const other = await group(cid, [bob], "Elsewhere");
    await say(cid, other, "after it");
    await eventually(async () => {
      // What was under way is out of reach, until the next one takes its place.
      const shown = JSON.stringify((await screen(phone)).shown);
      expect(shown).toContain("after it");
      expect(shown).not.toContain(word);
    });
  });

  it("[R28 ERASE-11] with anonymise a waiting push keeps its text, and has nobody's name", async () => {
    const backend = await serverToken("export");
    const [name, text] = [uniqueName("canary"), uniqueName("kept")];
    const [ada, bob] = await people(name, "bob");
    const id = await group(ada, [bob]);
    await refuse(await phoneOf(bob));
    await say(ada, id, `${text} waits`);
    await eventually(async () => expect(found(await storedAt(bob), text)).not.toEqual([]));
    await finished(backend, await erase(backend, ada, "anonymise"), ada);
    const kept = await storedAt(bob);
    expect(found(kept, ada.username)).toEqual([]);
    expect(found(kept, text)).not.toEqual([]);
  });

  it("[R28 ERASE-12] a hub that has never had a device creates nothing, and repeating it is harmless", async () => {
    const [bob] = (await people("bob")) as [Person];
    const order = {
      user_id: crypto.randomUUID(),
      messages: "erase" as const,
      profile_version: 1,
      names: ["x"],
    };
    const before = await storedAt(bob);
    for (let i = 0; i < 2; i++) await hubObject(bob.user_id).forgetPerson(order);
    expect(await storedAt(bob)).toEqual(before);
  });

  it("[R28 ERASE-13] reasons that the person gave as a moderator go with erase and stay with anonymise; others' stay", async () => {
    const backend = await serverToken("export");
    for (const [mode, isGone] of [
      ["erase", true],
      ["anonymise", false],
    ] as const) {
      const word = uniqueName("reason");
      const [ada, bob, cid, dee, eve] = (await people("ada", "bob", "cid", "dee", "eve")) as Person[];
      const id = await group(ada as Person, [bob, cid, dee, eve] as Person[]);
      const at = `/conversations/${id}/participants`;
      await api(ada as Person, "PATCH", `${at}/${bob?.user_id}`, { role: "admin" });
      await api(ada as Person, "PUT", `${at}/${cid?.user_id}/mute`, { reason: `${word} muted` });
      await api(bob as Person, "PUT", `${at}/${dee?.user_id}/mute`, { reason: "by another" });
      await api(ada as Person, "PUT", `/conversations/${id}/bans/${eve?.user_id}`, {
        reason: `${word} banned`,
      });
      await finished(backend, await erase(backend, ada as Person, mode), ada);
      expect(found(await storedIn(id), word).length).toBe(isGone ? 0 : 2);
      const directory = found(await storedInDirectory(), word);
      expect(directory.length).toBe(isGone ? 0 : 2);
      expect(found(await storedIn(id), "by another").length).toBe(1);
      const refusal = await api(cid as Person, "POST", `/conversations/${id}/messages`, {
        type: "text",
        content: "still muted",
      });
      expect(refusal.body.details).toMatchObject({ reason: isGone ? null : `${word} muted` });
    }
  });

  it("[R28 ERASE-14] the name goes out of reports whose messages are all of others, and a group photo with it goes", async () => {
    const backend = await serverToken("export");
    const [ada, bob, cid] = (await people(uniqueName("canary"), "bob", "cid")) as [Person, Person, Person];
    const id = await group(ada, [bob, cid], `${ada.username} and friends`);
    const photo_url = `https://photos.example/${ada.username}.png`;
    await api(ada, "PUT", `/conversations/${id}`, { photo_url });
    for (let i = 0; i < 8; i++) await say(bob, id, `between ${i}`);
    const { message_id } = await say(cid, id, "of no interest");
    for (let i = 0; i < 8; i++) await say(bob, id, `after ${i}`);
    const report = await reportIt(bob, { message_id });
    await finished(backend, await erase(backend, ada), ada);
    expect(found(await storedInDirectory(), ada.username)).toEqual([]);
    expect((await api(bob, "GET", `/conversations/${id}`)).body.photo_url).toBe(null);
    const row = await env.DB.prepare("SELECT snapshot FROM report_snapshots WHERE report_id = ?")
      .bind(report)
      .first<{ snapshot: string }>();
    expect(JSON.parse(row?.snapshot ?? "{}").conversation).toMatchObject({
      name: "Deleted user and friends",
      photo_url: null,
    });
  });

  it("[R28 ERASE-15] exports of others that name the person are deleted; all others stay", async () => {
    const backend = await serverToken("export");
    const [ada, bob, cid, dee] = (await people(uniqueName("canary"), "bob", "cid", "dee")) as [
      Person,
      Person,
      Person,
      Person,
    ];
    await group(ada, [bob], `${ada.username} and friends`);
    await group(ada, [cid], "No name in it");
    // Somebody else of that name: they share no conversation.
    await group(dee, [cid], `Another ${ada.username}`);
    const [naming, plain, unrelated] = [
      await exported(backend, bob),
      await exported(backend, cid),
      await exported(backend, dee),
    ];
    const job = await finished(backend, await erase(backend, ada), ada);
    // Two files each: Cid's has the name as well, of the group with somebody else. On a busy machine two runs may share the work.
    expect(job.certificate.totals.exports).toBeGreaterThanOrEqual(2);
    const { body } = await api(backend, "GET", `/server/jobs/${naming}`);
    expect(body).toMatchObject({ status: "failed", error: expect.stringContaining("erased since") });
    expect([await filesOf(bob), await filesOf(cid)]).toEqual([[], []]);
    expect((await api(backend, "GET", `/server/jobs/${unrelated}`)).body.status).toBe("done");
    expect((await filesOf(dee)).length).toBe(2);
    expect((await api(backend, "GET", `/server/jobs/${plain}`)).body.status).toBe("failed");
    const again = await exported(backend, bob);
    expect((await api(backend, "GET", `/server/jobs/${again}`)).body.status).toBe("done");
  });

  it("[R28 ERASE-16] with anonymise a file stays, and what was uploaded again under its signed URL goes", async () => {
    const backend = await serverToken("export");
    const [ada, bob] = (await people("ada", "bob")) as [Person, Person];
    const id = await group(ada, [bob]);
    await sendFile(ada, id, sample("image/png", "image"));
    const { results } = await env.DB.prepare(
      "SELECT attachment_id, created_at, key_token FROM attachments WHERE uploader_id = ?",
    )
      .bind(ada.user_id)
      .all<{ attachment_id: string; created_at: number; key_token: string }>();
    const [row] = results;
    const hour = new Date(row?.created_at ?? 0).toISOString().slice(0, 13);
    const key = `uploads/${hour}/${row?.attachment_id}/${row?.key_token.slice(0, 32)}`;
    await env.ATTACHMENTS.put(key, "the original, with where it was taken");
    await finished(backend, await erase(backend, ada, "anonymise"), ada);
    expect(await env.ATTACHMENTS.head(key)).toBe(null);
    const kept = await env.ATTACHMENTS.list({ prefix: "" });
    expect(kept.objects.some(({ key: one }) => one.includes(row?.attachment_id ?? "?"))).toBe(true);
  });
});
