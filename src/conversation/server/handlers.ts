/** What a handler of a server's request gets and gives (rule 28). */
import { refused } from "../../domain/outcome.ts";
import type { ServerRequestName, ServerRequests } from "../../domain/server-requests.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { MessageLimits } from "../../settings.ts";
import { type Change, type Room, unchanged } from "../state/room.ts";

/** The input of a handler. */
export interface Asked<Name extends ServerRequestName> {
  room: Room;
  input: ServerRequests[Name]["input"];
  limits: MessageLimits;
  now: EpochMs;
}

/** The handlers of the requests that run in a turn. */
export type ServerHandlers = {
  [Name in Exclude<ServerRequestName, "sendEvent" | "destroy" | "settleErasure">]: (
    asked: Asked<Name>,
  ) => Change<ServerRequests[Name]["answer"]>;
};

export function isGroup(room: Room): boolean {
  return room.info.type === "group";
}

/** The refusal of what is for groups. */
export function notInDirect(): Change<never> {
  return unchanged(refused("VALIDATION_ERROR", "Not available in a direct conversation"));
}
