/** What others do against an erasure: two ways at once, what comes late, and a directory that was put back to a time before (rule 28). */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { findJob } from "../../src/directory/jobs.ts";
import { askForRetention } from "../../src/directory/retention.ts";
import { runJob } from "../../src/jobs.ts";
import type { UserHubObject } from "../../src/realtime/objects.ts";
import { sample, sendFile } from "./attachments-kit.ts";
import { expectError } from "./checks.ts";
import { backUp, putBack } from "./directory-kit.ts";
import { erase, finished, found, storedInDirectory } from "./erase-kit.ts";
import { api, connect, direct, group, hubObject, people, person, say, sign, uniqueName } from "./kit.ts";
import { serverToken } from "./server-kit.ts";

const hubOf = (userId: string) => hubObject(userId) as unknown as UserHubObject;

describe("attacks on an erasure", () => {
  it("[R28 ERASE-40] of requests for both ways at the same moment one way is taken", async () => {
    const backend = await serverToken("export");
    const ada = await person("ada");
    const path = `/server/users/${ada.user_id}/erase`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        api(backend, "POST", path, { messages: i % 2 === 0 ? "anonymise" : "erase" }),
      ),
    );
    const taken = answers.filter(({ status }) => status === 202);
    expect([taken.length, answers.filter(({ status }) => status === 409).length]).toEqual([10, 10]);
    expect(new Set(taken.map(({ body }) => body.job_id)).size).toBe(1);
    const { results } = await env.DB.prepare("SELECT subject FROM jobs WHERE subject GLOB ?")
      .bind(`${ada.user_id}*`)
      .all();
    expect(results).toHaveLength(1);
  });

  it("[R28 ERASE-41] a restriction that was on its way, or of a directory that was put back, lifts no erasure", async () => {
    const backend = await serverToken("export");
    const [ada, bob] = await people("ada", "bob");
    await direct(ada, bob);
    await finished(backend, await erase(backend, ada), ada);
    await hubOf(ada.user_id).restrict(ada.user_id, {
      is_deactivated: false,
      tokens_valid_from: 0,
      ban: null,
    });
    // The directory knows nothing of the erasure any more, and the identity comes with a fresh token.
    await env.DB.prepare("UPDATE users SET erased_at = NULL, deactivated_at = NULL WHERE user_id = ?")
      .bind(ada.user_id)
      .run();
    const token = await sign({ sub: ada.user_id, username: ada.username }, { expiresAt: 4e9 });
    await expect(connect({ ...ada, token })).rejects.toThrow();
    await hubOf(ada.user_id).restoreDirectory();
    const row = await env.DB.prepare("SELECT erased_at FROM users WHERE user_id = ?")
      .bind(ada.user_id)
      .first();
    expect(row?.erased_at).toBeGreaterThan(0);
  });

  for (const messages of ["erase", "anonymise"] as const) {
    it(`[R28 ERASE-42] a directory that was put back to a time before forgets the person again: ${messages}`, async () => {
      const backend = await serverToken("export,users,operate".replaceAll(",", " "));
      const word = uniqueName("canary");
      const [ada, bob] = await people(word, "bob");
      const id = await group(ada, [bob]);
      const photo = await sendFile(ada, id, sample("image/png", "image", { file_name: `${word}.png` }));
      await say(ada, id, "something");
      await api(backend, "PUT", `/server/users/${ada.user_id}`, { metadata: { note: word } });
      await api(ada, "PATCH", `/conversations/${id}/preferences`, { is_pinned: true });
      const part = { people: [ada, bob], conversations: [id] };
      const backup = await backUp(part);
      const first = await erase(backend, ada, messages);
      await finished(backend, first, ada);
      await putBack(part, backup);
      // As with a file of `npm run backup` from before.
      await env.DB.prepare("DELETE FROM jobs WHERE job_id = ?").bind(first).run();
      expect(found(await storedInDirectory(), word)).not.toEqual([]);
      const rebuild = async (kind: string, objects: string[]) =>
        await api(backend, "POST", "/server/directory/rebuild", { kind, objects });
      expect((await rebuild("conversations", [id])).body.done).toEqual([id]);
      // From here on nobody comes in as them, although their hub was not asked yet.
      const token = await sign({ sub: ada.user_id, username: word }, { expiresAt: 4e9 });
      expectError(await api({ ...ada, token }, "GET", "/users/me"), "USER_DEACTIVATED");
      expect((await rebuild("users", [ada.user_id])).body.done).toEqual([ada.user_id]);
      const row = await env.DB.prepare("SELECT job_id FROM jobs WHERE subject = ? AND status = 'running'")
        .bind(`${ada.user_id} ${messages}`)
        .first<{ job_id: string }>();
      await finished(backend, row?.job_id ?? "", ada);
      expect(found(await storedInDirectory(), word)).toEqual([]);
      // What is shown of the files stays, and only there.
      const status = (await api(bob, "GET", `/attachments/${photo.attachment_id}/link`)).status;
      expect(status).toBe(messages === "erase" ? 404 : 200);
      // Once it is clean, another rebuild begins nothing.
      await rebuild("users", [ada.user_id]);
      const { results } = await env.DB.prepare("SELECT status FROM jobs WHERE subject GLOB ?")
        .bind(`${ada.user_id} *`)
        .all();
      expect(results).toEqual([{ status: "done" }]);
    });
  }
});

describe("a job that was begun again", () => {
  it("[R10 RETAIN-42] a run that tells an older number of days neither ends nor moves the newer one", async () => {
    const db = openDirectory(env.DB);
    const jobId = "00000000-0000-4000-8000-000000000010";
    await askForRetention(db, 21, Date.now() - 1);
    const older = await findJob(db, jobId);
    await askForRetention(db, 22, Date.now());
    if (older) await runJob(env, older);
    expect(await findJob(db, jobId)).toMatchObject({
      subject: "22",
      status: "running",
      cursor: null,
      progress: 0,
    });
    await env.DB.prepare("DELETE FROM jobs WHERE job_id = ?").bind(jobId).run();
  });
});
