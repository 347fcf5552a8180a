/** Which budget a request or command counts against, and under which key (rule 24). */

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
import type { EpochMs } from "./time.ts";

/** A budget of {@link RATE_LIMITS}. */
export type Budget = keyof typeof RATE_LIMITS;
/** A budget that is counted for each user. */
export type UserBudget = Exclude<Budget, "address" | "server">;

/** The budget of a socket command. Undefined for heartbeats and flow acknowledgements. */
export function budgetOfCommand(command: ClientCommand): UserBudget | undefined {
  const operation = operationOf(command);
  if (operation !== undefined) return OPERATIONS[operation].budget;
  if (command.type === "device.state") return "signals";
  return command.type === "flow.ack" || command.type === "ping" ? undefined : "requests";
}

/** A pattern that matches `METHOD /path` of some operations. */
function requestsOf(isMeant: (row: Declaration) => boolean): RegExp {
  const rows = OPERATION_NAMES.map(declarationOf).filter(isMeant);
  const requests = rows.flatMap(({ rest }) => {
    if (!rest) return [];
    const [method, path] = rest;
    return `${method} /api/v1${path.replace(/\{\w+\}/g, "[^/]+")}`;
  });
  // Of no operation: nothing matches.
  return requests.length === 0 ? /(?!)/ : new RegExp(`^(?:${requests.join("|")})/?$`);
}

/** Operations that count against a budget of their own. */
const OWN_BUDGETS = (["signals", "search", "files"] as const).map(
  (own) => [own, requestsOf(({ budget }) => budget === own)] as const,
);
/** Requests for the bytes of an attachment. */
const FILE = /^(?:GET|HEAD) \/api\/v1\/attachments\//;

/** Message searches. */
const SEARCH = /^(?:GET|HEAD) \/api\/v1\/search\//;

/** The budget that a request counts against. */
export function budgetOfRequest(method: string, path: string): UserBudget {
  const request = `${method} ${path}`;
  const own = OWN_BUDGETS.find(([, pattern]) => pattern.test(request));
  if (own) return own[0];
  if (SEARCH.test(request)) return "search";
  return FILE.test(request) ? "files" : "requests";
}

/** The most expensive requests: they read or write for many users, or query D1 heavily. */
const COSTLY =
  /^(?:(?:GET|HEAD) \/api\/v1\/(?:search|sync)\b|POST \/api\/v1\/(?:conversations\/(?:direct|group)|messages\/attachments\/upload-url)\b)/;
const COSTLY_OPERATION = requestsOf(({ isCostly }) => isCostly === true);

/** Whether a request is refused when it cannot be counted. */
export function isCostlyRequest(method: string, path: string): boolean {
  const request = `${method} ${path}`;
  return COSTLY.test(request) || COSTLY_OPERATION.test(request);
}

/** Whether a socket command is refused when it cannot be counted. */
export function isCostlyCommand(command: ClientCommand): boolean {
  const operation = operationOf(command);
  return operation === undefined ? command.type === "sync" : declarationOf(operation).isCostly === true;
}

/** The frame allowance of one socket. It refills by {@link FRAMES_PER_SECOND}, up to {@link FRAME_BURST}. */
export interface FrameBucket {
  frames: number;
  /** When the allowance was last computed. */
  at: EpochMs;
}

/** The bucket of a new socket. */
export function fullBucket(now: EpochMs): FrameBucket {
  return { frames: FRAME_BURST, at: now };
}

/** Takes one frame from a bucket. @returns whether one was left, and the new bucket. */
export function takeFrame(bucket: FrameBucket, now: EpochMs): { isTaken: boolean; bucket: FrameBucket } {
  const filled = (Math.max(0, now - bucket.at) / 1000) * FRAMES_PER_SECOND;
  const frames = Math.min(FRAME_BURST, bucket.frames + filled);
  const isTaken = frames >= 1;
  return { isTaken, bucket: { frames: isTaken ? frames - 1 : frames, at: now } };
}

/**
 * The rate limit key of an address. One IPv6 subscriber has a whole /64, so the key is its first half.
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
