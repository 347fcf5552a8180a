/** The authorisation matrix of direct chats with a block or a request in them, and of those who are shut out of the app (rule 29). */
import { afterEach, describe, expect, it } from "vitest";
import { block } from "../worker/block-kit.ts";
import { faults } from "../worker/faults.ts";
import { serverToken } from "../worker/server-kit.ts";
import { answerTo, openSocket, rowsOfUsers, statusOf } from "./authorisation-kit.ts";
import { COMMANDS, type CommandRow, type RouteRow } from "./authorisation-table.ts";
import { api, direct, person, type TestSocket, text } from "./kit.ts";
import { type Relation, type Stage, setStage } from "./stage.ts";

/** Those of a direct chat: who began it, and the other. */
const PAIR = ["owner", "member"] as const satisfies Relation[];

let groupStage: Promise<Stage> | undefined;

/** A stage that is a direct chat of new people, with a message of each; `prepare` changes how they stand to each other. */
async function directStage(prepare: (stage: Stage) => Promise<unknown>): Promise<Stage> {
  groupStage ??= setStage();
  const group = await groupStage;
  const [owner, member] = [await person("owner"), await person("member")];
  const id = await direct(owner, member);
  const first = await text(owner, id, "by owner");
  const people = { ...group.people, owner, member };
  const target = { ...group.target, owner: member, member: owner };
  const stage = { ...group, id, people, target };
  const spoken = {
    ...stage,
    own: { ...group.own, owner: first },
    others: { ...group.others, member: first },
  };
  await prepare(spoken);
  return spoken;
}

/** Both have spoken. */
async function answered(stage: Stage): Promise<void> {
  const message = await text(stage.people.member, stage.id, "by member");
  stage.own.member = message;
  stage.others.owner = message;
}

const nameOf = (route: string, { what }: RouteRow) =>
  `${route.replace("/api/v1", "")}${what ? ` (${what})` : ""}`;

/** The rows of which a person gets another status on one stage than on the other, with it. */
async function differences(
  who: Relation,
  [usual, other]: [() => Promise<Stage>, () => Promise<Stage>],
): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const shared = [await usual(), await other()] as const;
  // What does not speak of the chat is the same wherever one stands in it.
  const rows = rowsOfUsers().filter(([route, row]) => !row.before && /_id}|upload-url/.test(route));
  for (const [route, row] of rows) {
    const isRead = route.startsWith("GET ");
    const [one, two] = isRead ? shared : [await usual(), await other()];
    const [expected, status] = [await statusOf(route, row, one, who), await statusOf(route, row, two, who)];
    if (status !== expected) found[nameOf(route, row)] = status;
  }
  return found;
}

const WRITING = [
  "POST /conversations/{conversation_id}/messages",
  "POST /conversations/{conversation_id}/typing",
  "PUT /messages/{message_id} (one's own)",
  "POST /messages/{message_id}/reactions",
  "POST /messages/attachments/upload-url",
  "PUT /messages/{message_id}/pin",
  "DELETE /messages/{message_id}/pin",
];
const refused = (names: string[]) => Object.fromEntries(names.map((name) => [name, 403]));

describe("authorisation where safety stands between two", () => {
  afterEach(() => {
    faults.settings = {};
  });

  it.each(PAIR)(
    "[R6 R29 SAFE-1] in a chat with a block, the %s reads as before, and writes nothing",
    async (who) => {
      const blocked = async (stage: Stage) => {
        await answered(stage);
        await block(stage.people.owner, stage.people.member);
      };
      const found = await differences(who, [() => directStage(answered), () => directStage(blocked)]);
      expect(found).toEqual(refused(WRITING));
    },
    180_000,
  );

  const NEITHER = [
    "POST /messages/{message_id}/reactions",
    "PUT /messages/{message_id}/pin",
    "DELETE /messages/{message_id}/pin",
  ];
  it.each([
    // What was accepted cannot be declined, which is 409.
    ["member", { ...refused(NEITHER), "POST /conversations/{conversation_id}/decline": 204 }],
    // To who began it a request is a chat like any other.
    ["owner", refused(NEITHER)],
  ] as const)(
    "[R6 R29 SAFE-3] in a chat that was not accepted, the %s gets what they do in others, but for what is listed",
    async (who, listed) => {
      faults.settings.MESSAGE_REQUESTS = "on";
      const accepted = async ({ id, people, own, others }: Stage) => {
        own.member = others.owner = own.owner;
        expect((await api(people.member, "POST", `/conversations/${id}/accept`)).status).toBeLessThan(300);
      };
      const waiting = async ({ own, others }: Stage) => {
        own.member = others.owner = own.owner;
      };
      const found = await differences(who, [() => directStage(accepted), () => directStage(waiting)]);
      expect(found).toEqual(listed);
    },
    180_000,
  );

  it("[R6 R28 R29 SAFE-2] who is banned from the app or deactivated gets 403 for everything, in act-as too", async () => {
    // People of their own: those of the stage are needed again.
    const [banned, deactivated] = [await person("banned"), await person("deactivated")];
    const group = await setStage();
    const stage = { ...group, people: { ...group.people, member: banned, admin: deactivated } };
    const backend = await serverToken();
    const ban = await api(backend, "PUT", `/server/moderation/bans/${banned.user_id}`, { reason: "spam" });
    const end = await api(backend, "POST", `/server/users/${deactivated.user_id}/deactivate`, {});
    for (const { status } of [ban, end]) expect(status).toBeLessThan(300);
    const open: string[] = [];
    for (const [route, row] of rowsOfUsers()) {
      for (const who of ["member", "admin"] as const) {
        const named = { authorization: `Bearer ${backend.token}`, "x-act-as": stage.people[who].user_id };
        const statuses = [
          await statusOf(route, row, stage, who),
          await statusOf(route, row, stage, who, () => named),
        ];
        if (statuses.join() !== "403,403") open.push(`${who}: ${nameOf(route, row)} ${statuses}`);
      }
    }
    expect(open).toEqual([]);
    for (const who of [banned, deactivated]) expect((await api(who, "GET", "/users/me")).status).toBe(403);
  }, 120_000);

  /** What each of these gets for every command on one kind of socket. */
  async function answersOf(kind: "user" | "conversation", stage: Stage, who: readonly Relation[]) {
    const answers: Record<string, string> = {};
    const sockets = await Promise.all(who.map((relation) => openSocket(kind, stage, relation)));
    for (const [type, row] of Object.entries<CommandRow>(COMMANDS)) {
      const all: string[] = [];
      for (const [i, relation] of who.entries()) {
        const socket = sockets[i] ?? "";
        all.push(typeof socket === "string" ? socket : await answerTo(socket, type, row, stage, relation));
      }
      answers[type] = all.join(" ");
    }
    return answers;
  }

  const SAME = "ack ack";
  const COMMON = {
    ...{ "message.read": SAME, "message.delivered": SAME, "device.state": SAME, "presence.update": SAME },
    ...{ sync: SAME, "flow.ack": "- -", ping: "pong pong", "auth.refresh": SAME, "typing.stop": SAME },
  };

  describe.each(["user", "conversation"] as const)("commands on the %s's socket", (kind) => {
    it("[R20 R29 SAFE-4] both people of a chat with a block", async () => {
      const stage = await directStage(async (spoken) => {
        await answered(spoken);
        await block(spoken.people.owner, spoken.people.member);
      });
      const writing = ["message.send", "typing.start", "message.pin", "message.unpin"];
      const expected = { ...COMMON, ...Object.fromEntries(writing.map((type) => [type, "BLOCKED BLOCKED"])) };
      expect(await answersOf(kind, stage, PAIR)).toEqual(expected);
    });

    it("[R20 R29 SAFE-5] a stranger, and who has not accepted their chat: the asked one's pin, then their answer", async () => {
      faults.settings.MESSAGE_REQUESTS = "on";
      const stage = await directStage(async ({ own, others }) => {
        own.member = others.owner = own.owner;
      });
      const answers = await answersOf(kind, stage, PAIR);
      // The first command is an answer, and so accepts.
      expect(answers).toEqual({
        ...COMMON,
        ...{ "message.send": SAME, "typing.start": SAME, "message.pin": SAME, "message.unpin": SAME },
      });
      const waiting = await directStage(async ({ own, others }) => {
        own.member = others.owner = own.owner;
      });
      for (const who of PAIR) {
        const socket = (await openSocket(kind, waiting, who)) as TestSocket;
        for (const type of ["message.pin", "message.unpin"] as const) {
          expect(await answerTo(socket, type, COMMANDS[type], waiting, who)).toBe("NOT_ACCEPTED");
        }
      }
    });

    it("[R20 R29 SAFE-6] a moderator and a muted member of a group; the banned hear why", async () => {
      const stage = await setStage();
      const { owner, admin, member, former } = stage.people;
      const at = `/conversations/${stage.id}`;
      await api(owner, "PATCH", `${at}/participants/${admin.user_id}`, { role: "moderator" });
      await api(owner, "PUT", `${at}/participants/${member.user_id}/mute`, {});
      await api(owner, "PUT", `${at}/bans/${former.user_id}`, {});
      const writing = ["message.send", "typing.start", "message.pin", "message.unpin"];
      const expected = { ...COMMON, ...Object.fromEntries(writing.map((type) => [type, "ack MUTED"])) };
      expect(await answersOf(kind, stage, ["admin", "member"])).toEqual(expected);
      if (kind === "conversation") return expect(await openSocket(kind, stage, "former")).toBe("403");
      const socket = (await openSocket(kind, stage, "former")) as TestSocket;
      expect(await answerTo(socket, "message.send", COMMANDS["message.send"], stage, "former")).toBe(
        "BANNED",
      );
    });
  });
});
