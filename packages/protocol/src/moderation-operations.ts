/** The rows of the table of operations that are for the moderators of a group (operations.ts; rule 29). */
import type { Declaration } from "./operation-declaration.ts";

const CONVERSATION = "/conversations/{conversation_id}";

export const MODERATION_OPERATIONS = {
  muteParticipant: {
    on: "conversation",
    budget: "requests",
    rest: ["PUT", `${CONVERSATION}/participants/{user_id}/mute`],
    params: "UserParams",
    body: "MuteParticipant",
    result: "Member",
    shown: "Participant",
    tag: "Moderation",
    summary: "Mute a participant of a group: they can read, and not write",
    answers: { 200: "The muted participant." },
  },
  unmuteParticipant: {
    on: "conversation",
    budget: "requests",
    rest: ["DELETE", `${CONVERSATION}/participants/{user_id}/mute`],
    params: "UserParams",
    query: "AnnounceQuery",
    result: null,
    tag: "Moderation",
    summary: "Take the mute of a participant back",
  },
  banUser: {
    on: "conversation",
    budget: "requests",
    rest: ["PUT", `${CONVERSATION}/bans/{user_id}`],
    params: "UserParams",
    body: "BanUser",
    result: "Ban",
    tag: "Moderation",
    summary: "Ban a user from a group: they are removed, and cannot be added",
    answers: { 200: "The user was banned before. The ban is as this request says.", 201: "The new ban." },
    conflicts: true,
  },
  unbanUser: {
    on: "conversation",
    budget: "requests",
    rest: ["DELETE", `${CONVERSATION}/bans/{user_id}`],
    params: "UserParams",
    query: "AnnounceQuery",
    result: null,
    tag: "Moderation",
    summary: "Take the ban of a user back",
  },
  listBans: {
    on: "conversation",
    budget: "requests",
    rest: ["GET", `${CONVERSATION}/bans`],
    query: "BansQuery",
    result: "BanPage",
    tag: "Moderation",
    summary: "List the bans of a group",
    answers: { 200: "A page of bans, the newest first." },
  },
} as const satisfies Record<string, Declaration>;
