/** The authorisation matrix for those whom moderation makes: a moderator, a muted member and a banned person (rule 29). */
import { describe, expect, it } from "vitest";
import { api } from "../worker/kit.ts";
import { rowsOfUsers, statusOf } from "./authorisation-kit.ts";
import type { RouteRow } from "./authorisation-table.ts";
import { RELATIONS, type Relation, type Stage, setStage } from "./stage.ts";

/** A stage on which these people stand otherwise: the column of each tells what they would have got. */
async function moderatedStage(row: RouteRow): Promise<Stage> {
  const stage = await setStage();
  const { owner, member, admin, former } = stage.people;
  const at = `/conversations/${stage.id}`;
  const before = row.before?.(stage);
  if (before) await api(owner, "PUT", before.path, before.body);
  await api(owner, "PATCH", `${at}/participants/${member.user_id}`, { role: "moderator" });
  await api(owner, "PATCH", `${at}/participants/${admin.user_id}`, { role: "member" });
  await api(owner, "PUT", `${at}/participants/${admin.user_id}/mute`, {});
  await api(owner, "PUT", `${at}/bans/${former.user_id}`, {});
  return stage;
}

/** What a moderator may beyond a member, by the name of the row, with its status. */
const OF_MODERATORS: Record<string, number> = {
  "PUT /conversations/{conversation_id}/participants/{user_id}/mute (a member)": 200,
  "DELETE /conversations/{conversation_id}/participants/{user_id}/mute": 204,
  "PUT /conversations/{conversation_id}/bans/{user_id} (a member)": 201,
  "DELETE /conversations/{conversation_id}/bans/{user_id}": 204,
  "GET /conversations/{conversation_id}/bans": 200,
  "POST /conversations/{conversation_id}/messages (where only admins can send)": 201,
  "DELETE /messages/{message_id} (another's, for everyone)": 204,
  "PUT /messages/{message_id}/pin": 200,
  "DELETE /messages/{message_id}/pin": 204,
};
/** What the muted may not, and members may. */
const NOT_MUTED = [
  "POST /conversations/{conversation_id}/messages",
  "POST /conversations/{conversation_id}/typing",
  "PUT /messages/{message_id} (one's own)",
  "POST /messages/{message_id}/reactions",
  "POST /messages/attachments/upload-url",
];

const inColumn = (row: RouteRow, relation: Relation) =>
  Number(row.statuses.split(" ")[RELATIONS.indexOf(relation)]);

/** What an earlier row has made is found by this one. */
const isAs = (expected: number, status: number) =>
  status === expected || (expected === 201 && status === 200);

describe("authorisation in a moderated group", () => {
  const rows = rowsOfUsers().map(([route, row]) => ({
    name: `${route.replace("/api/v1", "")}${row.what ? ` (${row.what})` : ""}`,
    route,
    row,
  }));

  it("[R6 ROOM-80] a moderator, the muted and the banned get what members and former members do, but for what is listed", async () => {
    const beyond: Record<string, number> = {};
    const less: string[] = [];
    const banned: string[] = [];
    const shared = await moderatedStage(rows[0]?.row ?? { statuses: "" });
    for (const { name, route, row } of rows) {
      const stage = row.alters || row.before ? await moderatedStage(row) : shared;
      const expected = inColumn(row, "member");
      const muted = await statusOf(route, row, stage, "admin");
      if (!isAs(expected, muted)) less.push(muted === 403 ? name : `${name}: ${muted}`);
      const moderator = await statusOf(route, row, stage, "member");
      if (!isAs(expected, moderator)) beyond[name] = moderator;
      const out = await statusOf(route, row, stage, "former");
      if (!isAs(inColumn(row, "former"), out)) banned.push(`${name}: ${out}`);
    }
    expect(rows.length).toBeGreaterThan(50);
    expect(beyond).toEqual(OF_MODERATORS);
    expect(less.sort()).toEqual(NOT_MUTED.sort());
    expect(banned).toEqual([]);
  }, 120_000);
});
