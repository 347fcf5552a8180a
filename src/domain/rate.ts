/** What counts against which budget, and in whose name (rule 24). */
import {
  type ClientCommand,
  type Declaration,
  declarationOf,
  FRAME_BURST,
  FRAMES_PER_SECOND,
  OPERATION_NAMES,
  OPERATIONS,
  operationOf,
  type RATE_LIMITS,
} from "@rocket-chat-api/protocol";

/** A budget of {@link RATE_LIMITS}. */
export type Budget = keyof typeof RATE_LIMITS;
/** A budget that each user has. */
export type UserBudget = Exclude<Budget, "address">;

/** The budget that a command over a socket counts against; undefined for what only says that a client is there, and how far it has read. */
export function budgetOfCommand(command: ClientCommand): UserBudget | undefined {
  const operation = operationOf(command);
  if (operation !== undefined) return OPERATIONS[operation].budget;
  return command.type === "flow.ack" || command.type === "ping" ? undefined : "requests";
}

/** The requests of some operations, as one pattern for `METHOD /path`. */
function requestsOf(isMeant: (row: Declaration) => boolean): RegExp {
  const rows = OPERATION_NAMES.map(declarationOf).filter(isMeant);
  const requests = rows.flatMap(({ rest }) => {
    if (!rest) return [];
    const [method, path] = rest;
    return `${method} /api/v1${path.replace(/\{\w+\}/g, "[^/]+")}`;
  });
  return new RegExp(`^(?:${requests.join("|")})/?$`);
}

const SIGNAL = requestsOf(({ budget }) => budget === "signals");
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
  /^(?:(?:GET|HEAD) \/api\/v1\/(?:search|sync)\b|POST \/api\/v1\/(?:conversations\/(?:direct|group)|messages\/attachments\/upload-url)\b)/;
const COSTLY_OPERATION = requestsOf(({ isCostly }) => isCostly === true);

/** Whether a request may only be carried out if it could be counted. */
export function isCostlyRequest(method: string, path: string): boolean {
  const request = `${method} ${path}`;
  return COSTLY.test(request) || COSTLY_OPERATION.test(request);
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
