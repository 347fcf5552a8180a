import { useBlocks, useConversation, useMembers } from "@rocket-chat-api/react";
import { useCell } from "../cell.ts";
import { writeStop } from "../rights.ts";
import { useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import { Editor } from "./Editor.tsx";
import { RequestBar } from "./RequestBar.tsx";
import { StopBar } from "./StopBar.tsx";
import { useNow } from "./use-now.ts";
import { useSlow } from "./use-slow.ts";

/** Below the messages: where one writes, or why one cannot. */
export function Composer() {
  const ui = useRoomUi();
  const rights = useRights();
  const { conversation, membership, isRequest } = useConversation(ui.conversationId);
  const members = useMembers(ui.conversationId);
  const { blocked } = useBlocks();
  const refused = useCell(ui.refused);
  const own = members.find(({ user_id }) => user_id === rights.viewerId);
  const until = own?.mute?.until ? Date.parse(own.mute.until) : 0;
  const now = useNow(until);
  const wait = useSlow(ui.conversationId, conversation, rights);
  const hasBlocked = rights.other !== null && blocked.has(rights.other.user_id);
  const stop = writeStop({ rights, conversation, membership, own, hasBlocked, refused, now });
  if (isRequest && !hasBlocked) return <RequestBar />;
  if (stop) return <StopBar stop={stop} />;
  return <Editor wait={wait} />;
}
