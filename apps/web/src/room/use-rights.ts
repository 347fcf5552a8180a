/** What the viewer may do in the open room. */
import { useConversation, useMembers } from "@rocket-chat-api/react";
import { createContext, useContext, useMemo } from "react";
import { useViewer } from "../app/viewer.tsx";
import { type Rights, rightsOf } from "./rights.ts";

/** Makes the rights of a room: the same object until one changes. */
export function useMakeRights(conversationId: string): Rights {
  const { userId: viewerId } = useViewer();
  const { conversation, membership, isRequest } = useConversation(conversationId);
  const members = useMembers(conversationId);
  return useMemo(
    () => rightsOf({ viewerId, conversation, membership, isRequest, members }),
    [viewerId, conversation, membership, isRequest, members],
  );
}

const Context = createContext<Rights | null>(null);

/** Gives the rights to everything below. */
export const RightsProvider = Context.Provider;

/** The rights in the room around this. @throws Error outside of a room. */
export function useRights(): Rights {
  const rights = useContext(Context);
  if (!rights) throw new Error("useRights needs a room");
  return rights;
}
