/** Queries that must be refused. */
import { type Bad, UNKNOWN, withEnds } from "./bad-kit.ts";
import { NO_ID } from "./bad-paths.ts";

const NO_NUMBER = ["0", "-1", "1e2", "0x10", "1.5", "%205%20", "ten", "NaN", "٥", "99999999999999999999"];
const NO_LIMIT = [...NO_NUMBER, "101"];
const NO_TIME = [
  "x",
  "2025-11-16",
  "2025-11-16T10:30",
  "2025-13-01T00:00:00Z",
  "0",
  "2025-11-16T10:30:00%00Z",
];
const LISTS = [
  "/conversations?",
  "/conversations/:direct/messages?",
  "/users?q=ann&",
  "/search/messages?q=ann&",
  "/sync?",
  "/blocks?",
];
const place = (value: unknown) => encodeURIComponent(btoa(JSON.stringify(value)));

export const queries: Bad[] = [
  ...LISTS.flatMap((path) =>
    withEnds("GET", `${path}limit=`, "VALIDATION_ERROR", [...NO_LIMIT, "1&limit=2"]),
  ),
  ...withEnds("GET", "/conversations?page=", "VALIDATION_ERROR", [...NO_NUMBER, "1000001", "1&page=2"]),
  ...withEnds("GET", "/conversations?filter=", "VALIDATION_ERROR", [
    "all",
    "REQUESTS",
    "requests&filter=requests",
  ]),
  ...withEnds("GET", "/conversations?cursor=", "VALIDATION_ERROR", [
    "x",
    "%00",
    "😀",
    "bnVsbA==",
    place({}),
    place([]),
    place([0, 1]),
    place(["0", 1, "x"]),
    place([0, null, "x"]),
    place([0.5, 1, "x"]),
    place([0, 1, 2]),
    place([[0], [1], ["x"]]),
    place([0, 1, "x", -1]),
    place([0, 1, "x", "y"]),
    place(["moved"]),
    place(["moved", -1]),
    btoa("[0,1e400,0]"),
    "x".repeat(201),
    "a&cursor=b",
  ]),
  ...withEnds("GET", "/blocks?cursor=", "VALIDATION_ERROR", ["x", "-1", "1e2", "1.5", "%00", "9".repeat(16)]),
  ...["before_id", "after_id", "around_id"].flatMap((name) => [
    ...withEnds("GET", `/conversations/:direct/messages?${name}=`, "VALIDATION_ERROR", [
      ...NO_ID,
      ":said&limit=0",
    ]),
    ...withEnds("GET", `/conversations/:direct/messages?${name}=`, "NOT_FOUND", [
      UNKNOWN.message,
      UNKNOWN.user,
      ":direct",
      ":picture",
      ":secret",
    ]),
  ]),
  ...withEnds("GET", "/conversations/:direct/messages?before_id=:said", "VALIDATION_ERROR", [
    "&after_id=:said",
    "&around_id=:said",
    "&before_id=:heard",
  ]),
  ...withEnds("DELETE", "/messages/:said?delete_for_everyone=", "VALIDATION_ERROR", [
    "1",
    "yes",
    "TRUE",
    "true%00",
    "true&delete_for_everyone=true",
  ]),
  ...withEnds("GET", "/users", "VALIDATION_ERROR", [
    "",
    "?q=",
    "?q=%20",
    "?q=%00",
    `?q=${"x".repeat(101)}`,
    "?q=a&q=b",
    "?q=caf%E9",
    "?q=%F0%9F%91",
    "?q=%ED%A0%80",
    "?q=%C0%AF",
    "?q=a",
    "?q=%C3%A9",
    "?q=e%CC%81",
    "?q=%E2%80%8B%E2%80%8B",
  ]),
  ...withEnds("GET", "/sync?since=", "VALIDATION_ERROR", [
    "x",
    "s",
    "S1",
    "s-1",
    "s1.5",
    "1",
    "s%00",
    "szzzzzzzzzzzz",
  ]),
];

export const searches: Bad[] = [
  ...withEnds("GET", "/search/messages", "VALIDATION_ERROR", [
    "",
    "?q=",
    "?q=%20%09",
    "?q=%00",
    "?q=a%00b",
    `?q=${"x".repeat(257)}`,
    `?q=${"x".repeat(100_000)}`,
    "?q=a&q=b",
    "?q=caf%E9",
    "?q=said%FF",
    "?q=%F4%90%80%80",
  ]),
  ...["conversation_id", "sender_id"].flatMap((name) =>
    withEnds("GET", `/search/messages?q=said&${name}=`, "VALIDATION_ERROR", NO_ID),
  ),
  ...["before", "after"].flatMap((name) =>
    withEnds("GET", `/search/messages?q=said&${name}=`, "VALIDATION_ERROR", NO_TIME),
  ),
  ...withEnds("GET", "/search/messages?q=said&cursor=", "VALIDATION_ERROR", [
    "x",
    "1_x",
    `_${UNKNOWN.message}`,
    `1_${UNKNOWN.conversation}`,
    `1_${UNKNOWN.user}`,
    `9999999999999999_${UNKNOWN.message}`,
    `-1_${UNKNOWN.message}`,
  ]),
];
