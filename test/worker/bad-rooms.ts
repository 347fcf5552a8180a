/** What moderators and servers may not ask of a group (rule 29). */
import { type Bad, mistyped, UNKNOWN, withBodies, withEnds } from "./bad-kit.ts";

const SANCTION = { until: "text?", reason: "text?", announce: "flag?" } as const;
const NO_ENDS = ["tomorrow", "2020-01-01T00:00:00.000Z", "2026-13-01T00:00:00Z", "2099-01-01", 4e12];
const NO_REASONS = ["", "\0", "\ud800", "x".repeat(501)];
const sanctions = [
  ...mistyped({}, SANCTION),
  ...NO_ENDS.map((until) => ({ until })),
  ...NO_REASONS.map((reason) => ({ reason })),
];

/** Below a conversation's path. */
const ofGroup = (at: string): Bad[] => [
  ...withBodies("PUT", `${at}/:group/participants/:bob/mute`, "VALIDATION_ERROR", sanctions),
  ...withBodies("PUT", `${at}/:group/bans/:eve`, "VALIDATION_ERROR", [
    ...sanctions,
    ...mistyped({}, { delete_messages: "choice" }).filter(
      (body) => (body as { delete_messages: unknown }).delete_messages !== null,
    ),
    { delete_messages: "week" },
  ]),
  ...withEnds("DELETE", `${at}/:group/bans/:eve?announce=`, "VALIDATION_ERROR", ["yes", "1", "TRUE"]),
  ...withEnds("DELETE", `${at}/:group/participants/:bob/mute?announce=`, "VALIDATION_ERROR", ["yes"]),
  ...withEnds("GET", `${at}/:group/bans?cursor=`, "VALIDATION_ERROR", [
    ...["x", "-1", "1e2", "1.5", "%00", "9".repeat(16), "1&cursor=2"],
  ]),
  ...withEnds("GET", `${at}/:group/bans?limit=`, "VALIDATION_ERROR", ["0", "101", "x"]),
  ["PUT", `${at}/:group/participants/:eve/mute`, {}, "NOT_FOUND"],
  ["PUT", `${at}/:group/participants/x/mute`, {}, "VALIDATION_ERROR"],
  ["DELETE", `${at}/:group/participants/:eve/mute`, undefined, "NOT_FOUND"],
  ["PUT", `${at}/:group/bans/${UNKNOWN.user}`, {}, "NOT_FOUND"],
  ["PUT", `${at}/:direct/participants/:bob/mute`, {}, "VALIDATION_ERROR"],
  ["DELETE", `${at}/:direct/participants/:bob/mute`, undefined, "VALIDATION_ERROR"],
  ["PUT", `${at}/:direct/bans/:bob`, {}, "VALIDATION_ERROR"],
  ["DELETE", `${at}/:direct/bans/:bob`, undefined, "VALIDATION_ERROR"],
  ["GET", `${at}/:direct/bans`, undefined, "VALIDATION_ERROR"],
];

export const rooms: Bad[] = [
  ...ofGroup("/conversations"),
  ["PUT", "/conversations/:group/participants/:ann/mute", {}, "FORBIDDEN"],
  ["PUT", "/conversations/:group/bans/:ann", {}, "FORBIDDEN"],
  ...withBodies("PUT", "/conversations/:group", "VALIDATION_ERROR", [
    ...mistyped({}, { "settings.slow_mode_seconds": "number?", "settings.is_frozen": "flag?" }),
    { settings: { slow_mode_seconds: 3_601 } },
  ]),
  ...withBodies("PUT", "/conversations/:direct", "VALIDATION_ERROR", [
    { settings: { slow_mode_seconds: 5 } },
    { settings: { is_frozen: true } },
  ]),
];

/** With the credential of a server. */
export const serverRooms: Bad[] = [
  ...ofGroup("/server/conversations"),
  ["PUT", `/server/conversations/${UNKNOWN.conversation}/bans/:bob`, {}, "CONVERSATION_NOT_FOUND"],
  ["GET", `/server/conversations/${UNKNOWN.conversation}/bans`, undefined, "CONVERSATION_NOT_FOUND"],
];
