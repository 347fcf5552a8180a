/** What would go wrong with an export whose job is carried out twice, late or in vain (rule 28). */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { deleteExports, exportKey } from "../../src/attachments/export-files.ts";
import { openDirectory } from "../../src/directory/database.ts";
import {
  claimJob,
  endJobNow,
  findJob,
  notePart,
  partsOf,
  putPart,
  startJob,
} from "../../src/directory/jobs.ts";
import type { JobRow } from "../../src/directory/server-schema.ts";
import { resumeJobs, runJob } from "../../src/jobs.ts";
import { exportUser } from "../../src/people/export-user.ts";
import { erase, finished } from "./erase-kit.ts";
import { withFaults } from "./faults.ts";
import { api, group, type Person, people, request, say } from "./kit.ts";
import { type Backend, serverToken } from "./server-kit.ts";

async function start(backend: Backend, { user_id }: Pick<Person, "user_id">): Promise<string> {
  const { status, body } = await api(backend, "POST", `/server/users/${user_id}/export`);
  expect(status).toBe(202);
  return body.job_id;
}

/** The directory's row of a job. */
async function jobOf(job_id: string): Promise<JobRow> {
  const row = await findJob(openDirectory(env.DB), job_id);
  if (!row) throw new Error("no such job");
  return row;
}

/** Names of the files in the bucket. */
async function keysOf({ user_id }: Pick<Person, "user_id">): Promise<string[]> {
  const { objects } = await env.ATTACHMENTS.list({ prefix: `exports/${user_id}/` });
  return objects.map(({ key }) => key.split("/").at(-1) ?? "");
}

describe("an export whose job is carried out twice, late or in vain", () => {
  it("[R28 EXPORT-40] who asks for it again while it runs starts no second run, which would write over its files", async () => {
    const backend = await serverToken("export");
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await say(ann, id, "one");
    // Started by a request whose isolate is still at work.
    const about = { kind: "export_user", subject: ann.user_id } as const;
    const { job } = await startJob(openDirectory(env.DB), about, Date.now());
    const again = await Promise.all(Array.from({ length: 5 }, () => start(backend, ann)));
    expect(new Set(again)).toEqual(new Set([job.job_id]));
    await resumeJobs(withFaults(env), Date.now());
    expect([(await jobOf(job.job_id)).status, await keysOf(ann)]).toEqual(["running", []]);
    // Two that take it up at the same moment: one does.
    const stalled = await jobOf(job.job_id);
    const now = Date.now() + 120_000;
    await Promise.all([resumeJobs(withFaults(env), now), resumeJobs(withFaults(env), now)]);
    expect(await claimJob(openDirectory(env.DB), stalled, now)).toBe(false);
    expect((await finished(backend, job.job_id)).export.counts.message).toBe(1);
  });

  it("[R28 EXPORT-41] a run that comes back late writes nothing over what another has written", async () => {
    const backend = await serverToken("export");
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await say(ann, id, "one");
    const about = { kind: "export_user", subject: ann.user_id } as const;
    const db = openDirectory(env.DB);
    const { job } = await startJob(db, about, Date.now());
    // Another run has written a file, and goes on.
    await env.ATTACHMENTS.put(
      exportKey(ann.user_id, { job_id: job.job_id, name: "part-00001.ndjson" }),
      "{}\n",
    );
    const place = { conversation_id: "", after: null, files: 1, counts: {} };
    const noted = { part: "part-00001.ndjson", value: "{}", progress: 0.5, cursor: JSON.stringify(place) };
    expect(await notePart(db, { ...job, before: null }, noted, Date.now())).toBe(true);
    await expect(exportUser(env, db, job)).rejects.toThrow("the job has ended");
    expect(await notePart(db, { ...job, before: null }, { ...noted, value: "late" }, Date.now())).toBe(false);
    const file = await env.ATTACHMENTS.get(
      exportKey(ann.user_id, { job_id: job.job_id, name: "part-00001.ndjson" }),
    );
    expect(await file?.text()).toBe("{}\n");
    expect((await partsOf(db, job.job_id, "", 10)).map(({ value }) => value)).toEqual(["{}"]);
    expect(await erase(backend, ann)).not.toBe(job.job_id);
  });

  it("[R28 EXPORT-42] of an export that is given up after a day no file stays", async () => {
    const [ann] = await people("ann");
    const db = openDirectory(env.DB);
    const about = { kind: "export_user", subject: ann.user_id } as const;
    const { job } = await startJob(db, about, Date.now() - 2 * 86_400_000);
    const name = "part-00001.ndjson";
    await env.ATTACHMENTS.put(exportKey(ann.user_id, { job_id: job.job_id, name }), "{}\n");
    await putPart(db, job.job_id, name, "{}");
    // It fails whenever it is tried: its place is of no release.
    await env.DB.prepare("UPDATE jobs SET cursor = 'no JSON' WHERE job_id = ?").bind(job.job_id).run();
    await resumeJobs(withFaults(env), Date.now() + 120_000);
    expect(await jobOf(job.job_id)).toMatchObject({ status: "failed", cursor: null });
    expect([await keysOf(ann), await partsOf(db, job.job_id, "", 10)]).toEqual([[], []]);
  });

  it("[R6 R28 EXPORT-43] who has left a group is not given the name that it has since", async () => {
    const backend = await serverToken("export");
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob], "Old name");
    await api(ann, "DELETE", `/conversations/${id}/participants/${bob.user_id}`);
    expect((await api(ann, "PUT", `/conversations/${id}`, { name: "A plan about Bob" })).status).toBe(200);
    const job = await finished(backend, await start(backend, bob));
    const { pathname, search } = new URL(job.export.files[0].url);
    const text = await (await request(`${pathname}${search}`)).text();
    expect(text).toContain('"record":"membership"');
    expect(text).not.toContain("A plan about Bob");
  });

  it.each(["part-00001.ndjson", "manifest.json"])(
    "[R28 EXPORT-44] %s, whose job was ended while it was written, is deleted again: it names somebody who was erased",
    async (late) => {
      const [ann, bob] = await people("ann", "bob");
      await say(ann, await group(ann, [bob], `${bob.username} and friends`), "one");
      const db = openDirectory(env.DB);
      const { job } = await startJob(db, { kind: "export_user", subject: ann.user_id }, Date.now());
      // An erasure finds the files that are there, ends the job and deletes them; this one comes right after.
      const ATTACHMENTS = new Proxy(env.ATTACHMENTS, {
        get(target, property) {
          const value = Reflect.get(target, property);
          if (property !== "put") return typeof value === "function" ? value.bind(target) : value;
          return async (key: string, ...rest: [string]) => {
            if (key.endsWith(late)) {
              await endJobNow(db, job.job_id, "It named a person who was erased since", Date.now());
              await deleteExports(target, ann.user_id, job.job_id);
            }
            return await target.put(key, ...rest);
          };
        },
      });
      await runJob({ ...withFaults(env), ATTACHMENTS }, job);
      expect([(await jobOf(job.job_id)).status, await keysOf(ann)]).toEqual(["failed", []]);
    },
  );
});
