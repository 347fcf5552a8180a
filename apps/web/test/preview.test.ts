import type { ListItem } from "@rocket-chat-api/client/list";
import { describe, expect, it } from "vitest";
import { en } from "../src/i18n/en/index.ts";
import type { I18n } from "../src/i18n/i18n.tsx";
import { fill } from "../src/i18n/plural.ts";
import { previewOf } from "../src/list/preview.ts";

const t: I18n["t"] = (key, values = {}) => fill(en[key], values, "en");

function item(type: ListItem["type"], last: Partial<NonNullable<ListItem["last_message"]>> | null): ListItem {
  const message = {
    message_id: "m",
    type: "text",
    content: "Hello",
    created_at: "2026-01-01T00:00:00.000Z",
    sender_username: "bob",
    is_deleted: false,
  };
  return {
    ...{ conversation_id: "c", type, title: "Bob", photo_url: null, participant_count: 2, other_user: null },
    ...{ last_activity_at: message.created_at, unread_count: 0, unread_mentions: 0, is_muted: false },
    ...{ muted_until: null, is_pinned: false, is_archived: false, is_request: false },
    last_message: last && { ...message, ...last },
  };
}

const show = (one: ListItem, typing: string[] = []) => {
  const typists = typing.map((username) => ({ user_id: username, username }));
  const { kind, text } = previewOf(one, typists, undefined, "alice", t);
  return [kind, text.replace(/[\u2068\u2069]/g, "")];
};

describe("the second line of a row", () => {
  it.each([
    ["direct", {}, ["text", "Hello"]],
    ["group", {}, ["text", "bob: Hello"]],
    ["direct", { sender_username: "alice" }, ["text", "You: Hello"]],
    ["group", { sender_username: "alice" }, ["text", "You: Hello"]],
    ["direct", { type: "image", content: "" }, ["image", "Photo"]],
    ["direct", { type: "image", content: "The lake" }, ["image", "The lake"]],
    ["group", { type: "audio", content: "" }, ["audio", "bob: Audio"]],
    ["direct", { type: "file", content: "" }, ["file", "File"]],
    ["direct", { type: "video", content: "" }, ["video", "Video"]],
    ["direct", { is_deleted: true, content: "" }, ["deleted", "This message was deleted"]],
    ["group", { type: "system", content: "bob left" }, ["system", "bob left"]],
    ["direct", { type: "of tomorrow", content: "Hm" }, ["text", "Hm"]],
    ["direct", null, ["system", ""]],
  ] as const)("[PAGE-11] in a %s chat, of %j it is %j", (type, last, shown) => {
    expect(show(item(type, last))).toEqual(shown);
  });

  it("[PAGE-11] who types comes first", () => {
    expect(show(item("direct", {}), ["bob"])).toEqual(["typing", "typing…"]);
    expect(show(item("group", {}), ["bob"])).toEqual(["typing", "bob is typing…"]);
    expect(show(item("group", {}), ["bob", "carol"])).toEqual(["typing", "2 people are typing…"]);
  });
});
