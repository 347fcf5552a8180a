/** Reacts to a message. */
import type { Message } from "@rocket-chat-api/client";
import { useReactions } from "@rocket-chat-api/react";
import { useT } from "../../i18n/i18n.tsx";
import { toast } from "../../ui/toasts.ts";
import { errorText } from "../error-text.ts";
import { noteReaction } from "./quick.ts";

/** Adds a reaction of the viewer, or takes it back. A refusal is said in words. */
export function useReact(message: Message): (emoji: string) => void {
  const t = useT();
  const { toggle } = useReactions(message);
  return (emoji) => {
    noteReaction(emoji);
    void toggle(emoji).catch((error: unknown) => toast(errorText(error, t), { tone: "danger" }));
  };
}
