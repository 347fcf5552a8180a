import { MAX_REQUEST_MESSAGES } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { discretionOf } from "../../src/domain/caller.ts";
import { listItemSeenBy, seenBy } from "../../src/domain/last-seen.ts";
import {
  checkBeginning,
  checkStranger,
  isApart,
  isKeptApart,
  type MessageRequest,
  newRequest,
} from "../../src/domain/message-request.ts";

const request = (state: MessageRequest["state"], shares_group = false): MessageRequest => ({
  state,
  shares_group,
});

describe("who may begin to write (rule 29)", () => {
  it("[REQ-1] everybody, who shares a group, or nobody", () => {
    const asked = (["everyone", "shared_conversation", "nobody"] as const).flatMap((who) =>
      [true, false].map((shares_group) => checkBeginning(who, { shares_group })?.code ?? "yes"),
    );
    expect(asked).toEqual(["yes", "yes", "yes", "NOT_ACCEPTED", "NOT_ACCEPTED", "NOT_ACCEPTED"]);
  });

  it("[REQ-2] it is a request only where the deployment has them", () => {
    expect(newRequest(true, { shares_group: true })).toEqual(request("pending", true));
    expect(newRequest(false, { shares_group: false })).toEqual(request("open"));
  });
});

describe("what a stranger may say", () => {
  it("[REQ-3] three messages while it is a request, any number without requests, none after a refusal", () => {
    const said = (state: MessageRequest["state"], sent: number) =>
      checkStranger(request(state), "everyone", sent)?.code ?? "yes";
    expect([0, 1, 2, 3, 4].map((sent) => said("pending", sent))).toEqual([
      "yes",
      "yes",
      "yes",
      "NOT_ACCEPTED",
      "NOT_ACCEPTED",
    ]);
    expect([0, 3, 100].map((sent) => said("open", sent))).toEqual(["yes", "yes", "yes"]);
    expect(said("declined", 0)).toBe("NOT_ACCEPTED");
  });

  it("[REQ-4] a limit is named; a refusal says nothing more than that", () => {
    const full = checkStranger(request("pending"), "everyone", MAX_REQUEST_MESSAGES);
    expect(full?.details).toEqual({ limit: MAX_REQUEST_MESSAGES });
    const declined = checkStranger(request("declined"), "everyone", 0);
    const nobody = checkStranger(request("pending"), "nobody", 0);
    expect(declined).toEqual(nobody);
    expect(declined?.details).toBeUndefined();
  });

  it("[REQ-5] a setting that comes later holds too", () => {
    expect(checkStranger(request("open", true), "shared_conversation", 5)).toBeUndefined();
    expect(checkStranger(request("open"), "shared_conversation", 0)?.code).toBe("NOT_ACCEPTED");
  });

  it("[REQ-6] who has a request or has declined it keeps apart; who has neither does not", () => {
    expect([null, request("open"), request("pending"), request("declined")].map(isKeptApart)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(isApart(null)).toBe(false);
  });
});

describe("when others were last online (rule 29)", () => {
  const bob = { user_id: "bob", last_seen_at: "2026-01-15T10:30:00.000Z" };

  it("[REQ-7] who does not show it does not see it; of themselves they do", () => {
    expect(seenBy({ user_id: "ann", shows_last_seen: true }, bob)).toEqual(bob);
    expect(seenBy({ user_id: "ann" }, bob)).toEqual(bob);
    expect(seenBy({ user_id: "ann", shows_last_seen: false }, bob).last_seen_at).toBeNull();
    expect(seenBy({ user_id: "bob", shows_last_seen: false }, bob)).toEqual(bob);
  });

  it("[REQ-8] a list hides it of every participant", () => {
    const item = { participants: [bob], other_user: bob } as unknown as Parameters<typeof listItemSeenBy>[1];
    const seen = listItemSeenBy({ user_id: "ann", shows_last_seen: false }, item);
    expect(JSON.stringify(seen)).not.toContain("2026");
    expect(listItemSeenBy({ user_id: "ann", shows_last_seen: true }, item)).toBe(item);
  });

  it("[REQ-9] what an older release says nothing of is as nobody had set it", () => {
    expect(discretionOf({})).toEqual({
      read_receipts: true,
      shows_last_seen: true,
      who_can_message: "everyone",
    });
  });
});
