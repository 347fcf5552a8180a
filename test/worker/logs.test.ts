import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PNG, upload } from "./attachments-kit.ts";
import { atTime, sendCommand } from "./checks.ts";
import { faults } from "./faults.ts";
import {
  api,
  connectTo,
  conversationObject,
  group,
  hubObject,
  type Person,
  person,
  request,
  say,
  sign,
} from "./kit.ts";

/** Words of which none may come into a log: each stands for one kind of what people say or are. */
const CANARY = {
  name: "CanaryName",
  username: "canary_user",
  photo: "https://canary-photo.example/face.png",
  group: "CanaryGroup",
  description: "CanaryDescription",
  text: "CanaryText",
  edit: "CanaryEdit",
  metadata: "CanaryMetadata",
  key: "CanaryKey",
  search: "CanarySearch",
  people: "canary_people",
  file: "CanaryFile.png",
  agent: "CanaryAgent",
};

/** What D1 says when it fails: in its own words, and with a client's in them. */
const FAILURES = [
  "D1_ERROR: Network connection lost.",
  `D1_ERROR: fts5: syntax error near "${CANARY.search}": SQLITE_ERROR`,
  `D1_ERROR: UNIQUE constraint failed: users.username\n    at ${CANARY.name} (${CANARY.photo}): SQLITE_CONSTRAINT`,
  `Error: D1 DB is overloaded. ${CANARY.text}`,
];

const levels = ["log", "info", "warn", "error", "debug"] as const;

/** Everything that is logged from here on, by whatever means. */
function record(): string[] {
  const lines: string[] = [];
  for (const level of levels) {
    vi.spyOn(console, level).mockImplementation((...args: unknown[]) => {
      lines.push(
        args.map((one) => (one instanceof Error ? `${one.stack} ${one.cause}` : String(one))).join(" "),
      );
    });
  }
  return lines;
}

afterEach(() => {
  faults.d1Fails = undefined;
  faults.d1Down = false;
  faults.storageLocked = undefined;
  vi.restoreAllMocks();
});

/** Does everything that brings a person's words to the service, whatever comes of it. */
async function sayEverything(who: Person, other: Person, id: string, file: string): Promise<void> {
  const at = `/conversations/${id}`;
  const headers = { "user-agent": CANARY.agent, referer: CANARY.photo };
  const text = { type: "text", content: CANARY.text, metadata: { note: CANARY.metadata } };
  const image = { type: "image", content: CANARY.text, attachment_id: file };
  const requests: [method: string, path: string, body?: unknown][] = [
    ["GET", "/users/me"],
    ["PATCH", "/users/me", { display_name: CANARY.name, profile_photo_url: CANARY.photo }],
    ["GET", `/users?q=${CANARY.people}`],
    ["GET", `/users/${other.user_id}`],
    ["POST", "/conversations/group", { name: CANARY.group, participant_ids: [other.user_id] }],
    ["POST", "/conversations/direct", { user_id: other.user_id }],
    ["PUT", at, { name: CANARY.group, description: CANARY.description, photo_url: CANARY.photo }],
    ["GET", "/conversations"],
    ["PATCH", `${at}/preferences`, { is_pinned: true }],
    ["POST", `${at}/messages`, { ...text, client_message_id: CANARY.key }],
    ["POST", `${at}/messages`, { ...text, content: CANARY.edit, client_message_id: CANARY.key }],
    ["POST", `${at}/messages`, image],
    ["POST", `${at}/messages`, `{"type":"text","content":"${CANARY.text}`],
    ["GET", `/search/messages?q=${CANARY.search}`],
    ["GET", `/search/messages?q=${CANARY.search}&sender_id=${CANARY.name}`],
    ["GET", "/sync"],
    ["POST", "/messages/attachments/upload-url", { ...FILE, conversation_id: id }],
    ["POST", "/ws/ticket"],
  ];
  for (const [method, path, body] of requests) await api(who, method, path, body, headers);
  await request(`/ws?token=${who.token}.${CANARY.key}&q=${CANARY.search}`, {
    headers: { upgrade: "websocket" },
  });
  await request(`/${CANARY.name}?token=${who.token}`);
  const socket = await connectTo(who, id, `?token=${who.token}`);
  await socket.ask({ type: "message.send", conversation_id: id, data: text });
  await socket.ask({ type: "presence.update", status: "away" });
  await socket.ask({ type: "auth.refresh", token: `${who.token}x` });
  socket.raw(`{"type":"${CANARY.text}"}`);
  socket.raw(CANARY.text);
  await socket.closed;
  await runDurableObjectAlarm(hubObject(who.user_id));
  await atTime(Date.now() + 61_000, () => runDurableObjectAlarm(conversationObject(id)));
}

const FILE = {
  file_name: CANARY.file,
  file_size: PNG.bytes.length,
  mime_type: "image/png",
  attachment_type: "image",
};

/** Somebody whose claims are canaries too, in a group with another. */
async function stage() {
  const other = await person("witness");
  const user_id = crypto.randomUUID();
  const claims = { sub: user_id, username: CANARY.username + user_id.slice(0, 6), display_name: CANARY.name };
  const who = { user_id, username: claims.username, token: await sign({ ...claims, picture: CANARY.photo }) };
  await api(who, "GET", "/users/me");
  const id = await group(who, [other]);
  await say(other, id, "hello");
  return { who, other, id, file: await upload(who, id, PNG) };
}

function expectDiscreet(lines: string[], who: Person, events: string[]): void {
  for (const line of lines) {
    for (const canary of Object.values(CANARY))
      expect(line.toLowerCase()).not.toContain(canary.toLowerCase());
    for (const part of who.token.split(".")) expect(line).not.toContain(part);
    expect(line).not.toMatch(/Failed query|params:|select |insert /i);
  }
  const logged = lines.map((line) => JSON.parse(line).event);
  for (const event of events) expect(logged).toContain(event);
}

describe("logs", () => {
  it("[LOG-3] while all is well, no line holds a word of anybody, a token or a search", async () => {
    const { who, other, id, file } = await stage();
    const lines = record();
    await sayEverything(who, other, id, file);
    expect(lines.length).toBeGreaterThan(20);
    expectDiscreet(lines, who, ["request.answered"]);
    const routes = lines.map((line) => JSON.parse(line).route);
    for (const route of [
      "/api/v1/users/me",
      "/api/v1/users/:user_id",
      "/api/v1/conversations/direct",
      "/ws",
      "none",
    ])
      expect(routes).toContain(route);
  });

  it.each(FAILURES)("[LOG-4] nor while D1 fails: %j", async (failure) => {
    const { who, other, id, file } = await stage();
    const lines = record();
    faults.d1Fails = failure;
    await sayEverything(who, other, id, file);
    await vi.waitFor(() => expect(lines.join()).toContain("consumer.failed"));
    expectDiscreet(lines, who, ["request.failed", "consumer.failed", "attachments.unconfirmed"]);
  });

  it("[LOG-4] nor while D1 cannot be reached, or an object's own storage is locked", async () => {
    const { who, other, id, file } = await stage();
    const lines = record();
    faults.d1Down = true;
    await sayEverything(who, other, id, file);
    faults.d1Down = false;
    const socket = await connectTo(who, id);
    faults.storageLocked = id;
    const answer = await socket.ask(sendCommand(id, CANARY.text));
    faults.storageLocked = undefined;
    expect(answer).toMatchObject({ type: "error", code: "SERVICE_UNAVAILABLE" });
    expectDiscreet(lines, who, ["request.failed", "command.failed"]);
  });
});
