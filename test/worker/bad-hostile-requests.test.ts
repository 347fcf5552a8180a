import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { UNKNOWN } from "./bad-kit.ts";
import { expectHealth, fill, type Stage, send, setStage } from "./bad-stage.ts";
import { TEXTS } from "./bad-texts.ts";
import { api, connectTo, group } from "./kit.ts";

describe("hostile requests that are allowed", () => {
  let at: Stage;
  beforeAll(async () => {
    at = await setStage();
  });
  const messagesOf = (id: string) => `/conversations/${id}/messages`;

  it("[HOSTILE] an Idempotency-Key is a name and nothing else", async () => {
    const keys = [
      "a%0d%0aSet-Cookie: b=c",
      "a: b; c, d",
      '"quoted"',
      "../../etc",
      "{}",
      "x".repeat(64),
      "a\tb",
    ];
    for (const key of keys) {
      const send = () =>
        api(
          at.ann,
          "POST",
          messagesOf(at.ids.direct),
          { type: "text", content: "x" },
          { "idempotency-key": key },
        );
      const [first, again] = [await send(), await send()];
      expect([first.status, first.body.client_message_id, again.status]).toEqual([201, key, 200]);
      expect([again.body.message_id, first.headers.get("set-cookie")]).toEqual([first.body.message_id, null]);
    }
    const body = { type: "text", content: "x", client_message_id: "a\r\nSet-Cookie: b=c" };
    const inBody = await api(at.ann, "POST", messagesOf(at.ids.direct), body);
    expect([inBody.status, inBody.body.client_message_id]).toEqual([201, body.client_message_id]);
    expect([...inBody.headers.values()].join()).not.toContain("b=c");
  });

  it("[HOSTILE] ids in upper case name the same", async () => {
    const upper = (name: string) => fill(at, `:${name}`).toUpperCase();
    const own = upper("direct");
    const asks: Parameters<typeof send>[1][] = [
      ["GET", `/conversations/${own}`, undefined, "NOT_FOUND"],
      ["GET", `/conversations/${own}/messages?before_id=${upper("later")}`, undefined, "NOT_FOUND"],
      ["GET", `/messages/${upper("heard")}`, undefined, "NOT_FOUND"],
      ["GET", `/users/${upper("bob")}`, undefined, "NOT_FOUND"],
      ["POST", "/conversations/direct", { user_id: upper("bob") }, "NOT_FOUND"],
      ["PUT", `/conversations/${own}/read`, { up_to_message_id: upper("heard") }, "NOT_FOUND"],
      ["GET", `/attachments/${upper("photo")}`, undefined, "NOT_FOUND", { "if-none-match": "*" }],
      [
        "PATCH",
        `/conversations/${upper("group")}/participants/${upper("bob")}`,
        { role: "member" },
        "NOT_FOUND",
      ],
      [
        "GET",
        `/search/messages?q=said&conversation_id=${own}&sender_id=${upper("bob")}`,
        undefined,
        "NOT_FOUND",
      ],
    ];
    const statuses = [];
    for (const ask of asks) statuses.push((await send(at, ask)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 304, 200, 200]);
    const reply = { type: "text", content: "x", reply_to_message_id: upper("heard") };
    const socket = await connectTo(at.ann, own);
    const ack = await socket.ask({ type: "message.send", conversation_id: own, data: reply });
    expect(ack).toMatchObject({
      data: { conversation_id: at.ids.direct, reply_to: { content: "said by bob" } },
    });
    const sync = await socket.ask({ type: "sync", conversations: { [own]: 0 } });
    expect(sync).toMatchObject({ type: "ack", data: { failed: {} } });
    expect(socket.all("conversation.sync")[0]?.conversation_id).toBe(at.ids.direct);
    socket.close();
  });

  it("[HOSTILE] hundreds of times the same person is one person", async () => {
    const ids = Array.from({ length: 990 }, () => at.bob.user_id);
    const body = { name: "Many", participant_ids: [...ids, at.ann.user_id, at.bob.user_id.toUpperCase()] };
    const made = await api(at.ann, "POST", "/conversations/group", body);
    expect([made.status, made.body.participant_count]).toEqual([201, 2]);
    const path = `/conversations/${await group(at.ann, [at.bob])}/participants`;
    expect((await api(at.ann, "POST", path, { user_ids: ids })).status).toBe(200);
    expect(
      (await api(at.ann, "POST", path, { user_ids: [...ids, at.eve.user_id] })).body.participant_count,
    ).toBe(3);
  });

  it("[HOSTILE] no search is an error, whatever is asked", async () => {
    const words = (count: number) =>
      Array.from({ length: count }, (_, i) => String.fromCodePoint(0x3b1 + i)).join(" ");
    const asked = [...Object.values(TEXTS), "*", '"', "%", "_", "AND", "NEAR(", "a:", "-", "c++", "'", "\\"];
    const long = [
      words(128),
      "中文字".repeat(85),
      "e\u0301".repeat(128),
      "😀".repeat(256),
      `${"a.".repeat(127)}a`,
    ];
    for (const q of [...asked, ...long]) {
      const path = `/search/messages?q=${encodeURIComponent(q)}`;
      expect([q, (await api(at.ann, "GET", path)).status]).toEqual([q, 200]);
      const name = q.slice(0, 90);
      const users = await api(at.ann, "GET", `/users?q=${encodeURIComponent(name)}`);
      // One character finds nobody, nor do marks without a letter.
      expect([q, users.status]).toEqual([q, name.replace(/[\p{M}\p{Cf}]/gu, "").length > 1 ? 200 : 400]);
    }
    const far = `_${UNKNOWN.message}`;
    for (const query of [
      "before=0000-01-01T00:00:00Z",
      "after=9999-12-31T23:59:59.999999999%2B23:59",
      `cursor=999999999999999${far}`,
    ]) {
      expect((await api(at.ann, "GET", `/search/messages?q=a&${query}`)).status).toBe(200);
    }
  });

  it("[HOSTILE] a place beyond everything is an empty page", async () => {
    const place = (value: unknown) => encodeURIComponent(btoa(JSON.stringify(value)));
    expect((await api(at.ann, "GET", "/conversations?page=1000000")).body.conversations).toEqual([]);
    for (const forged of [[-1, 0, ""], [-1e300, -1e300, "\ud800\0"], [1], {}]) {
      const { status, body } = await api(at.ann, "GET", `/conversations?cursor=${place(forged)}`);
      expect([forged, status === 400 ? body.code : body.conversations]).toEqual([
        forged,
        status === 400 ? "VALIDATION_ERROR" : [],
      ]);
    }
    // A token from the future is of another directory: everything is told anew.
    expect((await api(at.ann, "GET", "/sync?since=szzzzzzzzzzz")).body).toMatchObject({ limited: true });
    const until = { muted_until: "9999-12-31T23:59:59.999999999Z" };
    const muted = await api(at.ann, "PATCH", `/conversations/${at.ids.direct}/preferences`, until);
    expect(muted.body).toMatchObject({ is_muted: true, muted_until: "9999-12-31T23:59:59.999Z" });
    const past = { muted_until: "0000-01-01T00:00:00Z" };
    const unmuted = await api(at.ann, "PATCH", `/conversations/${at.ids.direct}/preferences`, past);
    expect(unmuted.body.is_muted).toBe(false);
  });

  it("[HOSTILE] the name of a file is only a name", async () => {
    const names: Record<string, string> = {
      "../../etc/passwd": "passwd",
      "C:\\Windows\\a.png": "a.png",
      "a\r\nSet-Cookie: b=c": "aSet-Cookie: b=c",
      "photo\u202egnp.exe": "photognp.exe",
      '"; filename="b.exe': '"; filename="b.exe',
      "<script>": "<script>",
      ["x".repeat(255)]: "x".repeat(255),
    };
    const described = {
      conversation_id: at.ids.group,
      file_size: 1,
      mime_type: "IMAGE/PNG",
      attachment_type: "image",
    };
    for (const file_name of Object.keys(names)) {
      const answer = await api(at.ann, "POST", "/messages/attachments/upload-url", {
        ...described,
        file_name,
      });
      expect([file_name, answer.status]).toEqual([file_name, 200]);
    }
    const rows = await env.DB.prepare(
      "SELECT file_name FROM attachments WHERE uploader_id = ? AND file_size = 1",
    )
      .bind(at.ann.user_id)
      .all();
    expect(rows.results.map((row) => row.file_name).sort()).toEqual(Object.values(names).sort());
  });

  it("[HOSTILE] a body is JSON whatever it is called, and where none is wanted none is read", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=utf-8",
      "x",
    ]) {
      const body = { type: "text", content: "typed" };
      const answer = await api(at.ann, "POST", messagesOf(at.ids.direct), body, { "content-type": type });
      expect([type, answer.status]).toEqual([type, 201]);
    }
    for (const body of ["{", "\0", '{"conversation_id":7}']) {
      expect((await api(at.ann, "POST", `/conversations/${at.ids.direct}/typing`, body)).status).toBe(204);
      expect((await api(at.ann, "DELETE", `/conversations/${at.ids.direct}/typing`, body)).status).toBe(204);
      expect((await api(at.ann, "POST", "/ws/ticket", body)).status).toBe(201);
    }
  });

  it("[HOSTILE] after all of it every socket is open and works, and heard no error", async () => {
    for (const socket of at.healthy) expect(socket.all("error")).toEqual([]);
    at.before.heard = at.healthy.map((socket) => socket.events.length);
    await expectHealth(at);
  });
});
