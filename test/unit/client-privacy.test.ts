import { DEFAULT_PRIVACY, type Privacy } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { apply } from "../../packages/client/src/apply.ts";
import { unreadTotal } from "../../packages/client/src/push/badge.ts";
import { PrivacySettings } from "../../packages/client/src/safety/privacy.ts";
import { begun, ID, sync } from "./client-kit.ts";

describe("privacy settings of the client library", () => {
  it("[R29 REQ-90] ask, change, and follow what other devices change", async () => {
    const asked: unknown[] = [];
    let hear: (event: { type: string }) => void = () => undefined;
    const client = {
      status: "open",
      rest: {
        http: {
          request: async <T>(...request: unknown[]): Promise<T> => {
            asked.push(request);
            return DEFAULT_PRIVACY as T;
          },
        },
      },
      on: (name: string, listener: (event: never) => void) => {
        if (name === "event") hear = listener as typeof hear;
        return () => {
          hear = () => undefined;
        };
      },
    };
    const settings = new PrivacySettings(client);
    const heard: Privacy[] = [];
    const end = settings.onChange((privacy) => heard.push(privacy));
    expect(await settings.get()).toEqual(DEFAULT_PRIVACY);
    await settings.update({ last_seen: false });
    expect(asked).toEqual([
      ["GET", "/users/me/privacy"],
      ["PATCH", "/users/me/privacy", { body: { last_seen: false } }],
    ]);
    const event = { type: "privacy.updated", data: { ...DEFAULT_PRIVACY, last_seen: false } };
    hear({ type: "user.updated" });
    hear(event);
    end();
    hear(event);
    expect(heard).toEqual([event.data]);
  });
});

describe("requests in the state of the client library", () => {
  const answered = (status: "accepted" | "declined") =>
    ({ type: "request.updated", conversation_id: ID, data: { status } }) as const;

  it("[R29 REQ-91] a request counts on no icon until it is accepted; a declined one leaves the list", () => {
    const { state } = apply(begun(), sync({ since: 1, seq: 1, is_request: true, unread_count: 0 }));
    expect(state.is_request).toBe(true);
    const unread = { ...state, unread_count: 2 };
    expect(unreadTotal([unread], Date.now())).toBe(0);
    const accepted = apply(unread, answered("accepted"));
    expect(accepted).toMatchObject({ outcome: "applied", state: { is_request: false, is_hidden: false } });
    expect(unreadTotal([accepted.state], Date.now())).toBe(2);
    expect(apply(unread, answered("declined")).state).toMatchObject({ is_request: false, is_hidden: true });
  });
});
