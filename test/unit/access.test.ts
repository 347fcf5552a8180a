import { DEFAULT_SETTINGS } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { checkSend, isCurrent, isManager, type Membership } from "../../src/domain/access.ts";

const member: Membership = { role: "member", joined_seq: 1, left_seq: null };
const settings = (only_admins_can_send: boolean) => ({ ...DEFAULT_SETTINGS.group, only_admins_can_send });

describe("access", () => {
  it("[ACCESS] a member is whoever joined and has not left", () => {
    expect(isCurrent(undefined)).toBe(false);
    expect(isCurrent(member)).toBe(true);
    expect(isCurrent({ ...member, left_seq: 7 })).toBe(false);
    expect(isCurrent({ ...member, left_seq: 0 })).toBe(false);
  });

  it("[ACCESS] owner and admins manage", () => {
    expect(isManager({ ...member, role: "owner" })).toBe(true);
    expect(isManager({ ...member, role: "admin" })).toBe(true);
    expect(isManager(member)).toBe(false);
  });

  it("[ACCESS] everybody sends, unless only admins may", () => {
    for (const role of ["owner", "admin", "member"] as const) {
      expect(checkSend({ ...member, role }, settings(false))).toBeUndefined();
    }
    expect(checkSend({ ...member, role: "owner" }, settings(true))).toBeUndefined();
    expect(checkSend({ ...member, role: "admin" }, settings(true))).toBeUndefined();
    expect(checkSend(member, settings(true))).toMatchObject({ code: "FORBIDDEN" });
  });
});
