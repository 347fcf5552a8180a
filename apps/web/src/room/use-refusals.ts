/** Refusals that concern the room as a whole, from the messages that were refused. */
import { ApiError } from "@rocket-chat-api/client";
import { useMessages } from "@rocket-chat-api/react";
import { useEffect, useRef } from "react";
import type { RoomUi } from "./room-ui.ts";

/** After these the next message would be refused too. */
const LASTING: readonly string[] = ["BLOCKED", "NOT_ACCEPTED", "BANNED"];

/** Notes a refusal that lasts in `ui.refused`, once for each message. */
export function useRefusals(ui: RoomUi): void {
  const { pending } = useMessages(ui.conversationId);
  const known = useRef(new WeakSet<object>());
  useEffect(() => {
    for (const { outgoing } of pending) {
      const error = outgoing?.error;
      if (!(error instanceof ApiError) || known.current.has(error)) continue;
      known.current.add(error);
      if (LASTING.includes(error.code)) ui.refused.set(error.code);
    }
  }, [pending, ui]);
}
