/** The export of a person's data (rule 28, docs/export.md). */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { partsOf, putPart, startJob, updateJob } from "../../src/directory/jobs.ts";
import { resumeJobs } from "../../src/jobs.ts";
import { sendFile } from "./attachments-kit.ts";
import { block } from "./block-kit.ts";
import { expectError } from "./checks.ts";
import { erase, finished } from "./erase-kit.ts";
import { faults } from "./faults.ts";
import { api, direct, group, type Person, people, request, say } from "./kit.ts";
import { reportIt } from "./moderation-kit.ts";
import { registered } from "./push-kit.ts";
import { type Backend, serverToken } from "./server-kit.ts";

type Line = Record<string, unknown> & { record: string };

async function start(backend: Backend, { user_id }: Pick<Person, "user_id">): Promise<string> {
  const { status, body } = await api(backend, "POST", `/server/users/${user_id}/export`);
  expect(status).toBe(202);
  return body.job_id;
}

/** Fetches the files of an export. */
async function linesOf(files: readonly { url: string }[]): Promise<Line[]> {
  const texts = await Promise.all(files.map(async ({ url }) => await (await fetchUrl(url)).text()));
  return texts.flatMap((text) => text.trimEnd().split("\n")).map((line) => JSON.parse(line) as Line);
}

async function fetchUrl(url: string): Promise<Response> {
  const { pathname, search } = new URL(url);
  return await request(`${pathname}${search}`);
}

const of = (lines: readonly Line[], record: string) => lines.filter((line) => line.record === record);

describe("exporting a person", () => {
  it("[R28 EXPORT-1] the files hold what the person has done, and nothing that others have said", async () => {
    const backend = await serverToken("export");
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await direct(ann, bob);
    const secret = await say(bob, id, "bob's own secret");
    const first = await say(ann, id, "one", { metadata: { color: "red" } });
    await api(ann, "PUT", `/messages/${first.message_id}`, { content: "two" });
    await say(ann, id, "see above", { reply_to_message_id: secret.message_id });
    await api(ann, "POST", `/messages/${secret.message_id}/reactions`, { emoji: "👍" });
    await api(ann, "PUT", `/conversations/${id}/read`, { up_to_message_id: secret.message_id });
    const file = await sendFile(ann, id);
    await registered(ann);
    await block(ann, bob);
    await reportIt(ann, { message_id: secret.message_id }, { comment: "look at this" });
    await api(ann, "PATCH", `/conversations/${id}/preferences`, { is_pinned: true });
    const job_id = await start(backend, ann);
    const job = await finished(backend, job_id);
    expect(job).toMatchObject({ status: "done", progress: 1, export: { user_id: ann.user_id } });
    const manifest = await (await fetchUrl(job.export.manifest_url)).json();
    expect(manifest).toMatchObject({
      format: "rocket-chat-export",
      version: 1,
      counts: job.export.counts,
      expires_at: job.export.expires_at,
    });
    const lines = await linesOf(job.export.files);
    const counts = Object.fromEntries(
      [...Map.groupBy(lines, ({ record }) => record)].map(([r, all]) => [r, all.length]),
    );
    expect(counts).toEqual(job.export.counts);
    expect(of(lines, "profile")).toMatchObject([{ user_id: ann.user_id, username: ann.username }]);
    expect(of(lines, "membership")).toHaveLength(2);
    const said = of(lines, "message");
    expect(said.map(({ content }) => content)).toEqual(["two", "see above", ""]);
    expect(said[0]).toMatchObject({ metadata: { color: "red" }, earlier_versions: [{ content: "one" }] });
    expect(said[1]).toMatchObject({ reply_to_message_id: secret.message_id });
    expect(of(lines, "reaction")).toMatchObject([{ message_id: secret.message_id, emoji: "👍" }]);
    expect(of(lines, "upload")).toMatchObject([
      { attachment_id: file.attachment_id, file_name: "photo.png" },
    ]);
    expect(of(lines, "device")).toHaveLength(1);
    expect(of(lines, "block")).toMatchObject([{ user_id: bob.user_id }]);
    expect(of(lines, "report")).toMatchObject([{ comment: "look at this" }]);
    expect(of(lines, "preference")).toMatchObject([{ conversation_id: id, is_pinned: true }]);
    expect(JSON.stringify(lines)).not.toContain("bob's own secret");
    const [attachment] = (said[2]?.attachments ?? []) as { signed_path: string }[];
    expect((await request(attachment?.signed_path ?? "")).status).toBe(200);
  });

  it("[R28 EXPORT-2] links are for their file alone, and end; the files are deleted after a week, and with an erasure", async () => {
    const backend = await serverToken("export");
    const [ann, bob] = await people("ann", "bob");
    const [one, other] = [
      await finished(backend, await start(backend, ann)),
      await finished(backend, await start(backend, bob)),
    ];
    const url = new URL(one.export.manifest_url);
    expect((await fetchUrl(url.href)).status).toBe(200);
    url.pathname = new URL(other.export.manifest_url).pathname;
    expect((await fetchUrl(url.href)).status).toBe(403);
    const later = new URL(one.export.manifest_url);
    later.searchParams.set("expires", String(Number(later.searchParams.get("expires")) + 1));
    expect((await fetchUrl(later.href)).status).toBe(403);
    const withoutExport = await serverToken("conversations");
    expect((await api(withoutExport, "GET", `/server/jobs/${one.job_id}`)).body).not.toHaveProperty("export");
    await env.DB.prepare("UPDATE jobs SET created_at = created_at - 8 * 86400000 WHERE job_id = ?")
      .bind(one.job_id)
      .run();
    await resumeJobs(env, Date.now());
    expect((await fetchUrl(one.export.manifest_url)).status).toBe(404);
    expect((await api(backend, "GET", `/server/jobs/${one.job_id}`)).body).toMatchObject({
      error: "The export has ended",
    });
    const erased = await finished(backend, await erase(backend, bob), bob);
    expect(erased.certificate.totals.exports).toBe(2);
    expect((await fetchUrl(other.export.manifest_url)).status).toBe(404);
    const { objects } = await env.ATTACHMENTS.list({ prefix: "exports/" });
    expect(objects.filter(({ key }) => key.includes(ann.user_id) || key.includes(bob.user_id))).toEqual([]);
  });

  it("[R28 EXPORT-3] an export that was interrupted goes on, and writes each record once", async () => {
    const backend = await serverToken("export");
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    for (let i = 0; i < 5; i++) await say(ann, id, `message ${i}`);
    faults.r2Down = true;
    const job_id = await start(backend, ann);
    await resumeJobs(env, Date.now());
    faults.r2Down = false;
    const job = await finished(backend, job_id);
    const lines = await linesOf(job.export.files);
    expect(of(lines, "message").map(({ content }) => content)).toEqual(
      [0, 1, 2, 3, 4].map((i) => `message ${i}`),
    );
    expectError(await api(backend, "POST", `/server/users/${crypto.randomUUID()}/export`), "NOT_FOUND");
  });

  it("[R28 KEEP-12] a job is forgotten 90 days after its end; a running one and a certificate stay", async () => {
    const backend = await serverToken("export");
    const [ann, bob] = await people("ann", "bob");
    const db = openDirectory(env.DB);
    const begin = async () =>
      (await startJob(db, { kind: "delete_conversation", subject: crypto.randomUUID() }, Date.now())).job;
    const [ended, running] = [await begin(), await begin()];
    await updateJob(db, ended, { status: "done", progress: 1 }, Date.now());
    await putPart(db, ended.job_id, "a part", "{}");
    const [exported, certified] = [await start(backend, ann), await erase(backend, bob, "erase")];
    await finished(backend, exported);
    await finished(backend, certified, bob);
    const jobs = [ended.job_id, exported, certified];
    const statusesAfter = async (days: number) => {
      const marks = jobs.map(() => "?").join(", ");
      // Not the clock: other files' jobs would be as old.
      await env.DB.prepare(`UPDATE jobs SET created_at = ?, updated_at = ? WHERE job_id IN (${marks})`)
        .bind(...[days, days].map((ago) => Date.now() - ago * 24 * 3_600_000), ...jobs)
        .run();
      await resumeJobs(env, Date.now());
      return await Promise.all(
        [...jobs, running.job_id].map(async (id) => (await api(backend, "GET", `/server/jobs/${id}`)).status),
      );
    };
    expect(await statusesAfter(89)).toEqual([200, 200, 200, 200]);
    expect(await statusesAfter(91)).toEqual([404, 404, 200, 200]);
    expect(await partsOf(db, ended.job_id, "", 1)).toEqual([]);
  });
});
