/** What people see and learn where several rules of safety meet. */
import { afterEach, describe, expect, it } from "vitest";
import { faults } from "./faults.ts";
import { api, group, type Person, people, say } from "./kit.ts";
import { decide, itemOf, moderator, reportIt } from "./moderation-kit.ts";

afterEach(() => {
  faults.settings = {};
});

const read = async (who: Person, id: string) => (await api(who, "GET", `/messages/${id}`)).body;

describe("what is withheld", () => {
  it("[REPORT-70] what is deleted with a ban of the room or of the app does not come back", async () => {
    faults.settings = { REPORTS_HIDE_AFTER: "2" };
    const backend = await moderator();
    for (const isOfApp of [false, true]) {
      const [ann, bob, eve] = await people("ann", "bob", "eve");
      const id = await group(bob, [ann, eve]);
      const { message_id } = await say(ann, id, "canary");
      await say(ann, id, "another");
      await reportIt(bob, { message_id });
      const report = await reportIt(eve, { message_id });
      await expect.poll(async () => (await itemOf(backend, report)).is_withheld).toBe(true);
      const ban = isOfApp
        ? await api(backend, "PUT", `/server/moderation/bans/${ann.user_id}`, {
            reason: "Spam",
            delete_messages: "all",
          })
        : await api(bob, "PUT", `/conversations/${id}/bans/${ann.user_id}`, { delete_messages: "all" });
      expect(ban.status).toBeLessThan(300);
      await expect
        .poll(async () => {
          const { body } = await api(bob, "GET", `/conversations/${id}/messages`);
          return JSON.stringify(body).includes("another");
        })
        .toBe(false);
      expect((await decide(backend, await itemOf(backend, report), { action: "dismiss" })).status).toBe(200);
      expect(await read(bob, message_id)).toMatchObject({ is_deleted: true, content: "" });
    }
  });
});
