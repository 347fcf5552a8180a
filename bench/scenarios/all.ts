/** Every scenario, in the order in which they run. */
import type { Scenario } from "../scenario.ts";
import { connect } from "./connect.ts";
import { crowds } from "./crowds.ts";
import { growConversations } from "./grow-conversations.ts";
import { growMembers } from "./grow-members.ts";
import { history } from "./history.ts";
import { idleSockets } from "./idle.ts";
import { list, unread } from "./list.ts";
import { directChats, hub, ownSockets, smallRooms } from "./many-rooms.ts";
import { rest } from "./rest.ts";
import { hubRooms, rooms } from "./rooms.ts";
import { search } from "./search.ts";

export const SCENARIOS: Scenario[] = [
  rooms,
  hubRooms,
  ownSockets,
  hub,
  smallRooms,
  directChats,
  rest,
  history,
  list,
  unread,
  search,
  connect,
  crowds,
  growMembers,
  growConversations,
  idleSockets,
];
