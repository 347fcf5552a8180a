/** What counts against which budget, and in whose name (rule 24). */
import { type ClientCommand, FRAME_BURST, FRAMES_PER_SECOND, type RATE_LIMITS } from "../protocol/index.ts";

/** A budget of {@link RATE_LIMITS}. */
export type Budget = keyof typeof RATE_LIMITS;
/** A budget that each user has. */
export type UserBudget = Exclude<Budget, "address">;

/** The budget that a command over a socket counts against; undefined for what only says that a client is there, and how far it has read. */
export function budgetOfCommand(type: ClientCommand["type"]): UserBudget | undefined {
  switch (type) {
    case "typing.start":
    case "typing.stop":
    case "message.read":
    case "message.delivered":
      return "signals";
    case "message.send":
    case "presence.update":
    case "auth.refresh":
    case "sync":
      return "requests";
    case "flow.ack":
    case "ping":
      return undefined;
    default:
      return type satisfies never;
  }
}

/** The REST twins of the signals: `.../typing`, and `PUT .../read`. */
const SIGNAL = /^(?:(?:POST|DELETE) .*\/typing|PUT .*\/read)$/;
/** Fetching an attachment, whole or in part. */
const FILE = /^(?:GET|HEAD) \/api\/v1\/attachments\//;

/** A search in messages. */
const SEARCH = /^(?:GET|HEAD) \/api\/v1\/search\//;

/** The budget that a request counts against. */
export function budgetOfRequest(method: string, path: string): UserBudget {
  const request = `${method} ${path}`;
  if (SIGNAL.test(request)) return "signals";
  if (SEARCH.test(request)) return "search";
  return FILE.test(request) ? "files" : "requests";
}

/** What costs most: it reads or writes for many, or asks D1 for much. */
const COSTLY =
  /^(?:(?:GET|HEAD) \/api\/v1\/(?:search|sync)\b|POST \/api\/v1\/(?:conversations\/(?:direct|group)|messages\/attachments\/upload-url)\b|POST .*\/participants$)/;

/** Whether a request may only be carried out if it could be counted. */
export function isCostlyRequest(method: string, path: string): boolean {
  return COSTLY.test(`${method} ${path}`);
}

/** The same of a command over a socket. */
export function isCostlyCommand(type: ClientCommand["type"]): boolean {
  return type === "sync";
}

/** What one socket may still say: it fills by {@link FRAMES_PER_SECOND}, up to {@link FRAME_BURST}. */
export interface FrameBucket {
  frames: number;
  /** When that was reckoned, in milliseconds since 1970. */
  at: number;
}

/** The bucket of a socket that has said nothing. */
export function fullBucket(now: number): FrameBucket {
  return { frames: FRAME_BURST, at: now };
}

/** Takes one frame from a bucket. @returns whether there was one, and what is left. */
export function takeFrame(bucket: FrameBucket, now: number): { isTaken: boolean; bucket: FrameBucket } {
  const filled = (Math.max(0, now - bucket.at) / 1000) * FRAMES_PER_SECOND;
  const frames = Math.min(FRAME_BURST, bucket.frames + filled);
  const isTaken = frames >= 1;
  return { isTaken, bucket: { frames: isTaken ? frames - 1 : frames, at: now } };
}

/**
 * In whose name an address counts. A subscriber holds a whole /64 of IPv6 addresses, so the first half is the name.
 * @param address as the platform writes it.
 */
export function addressKey(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::");
  if (!address.includes(":")) return address;
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(zeros, 0)).fill("0"), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
