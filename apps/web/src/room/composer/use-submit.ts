/** Sends what was written, or saves what was edited. */
import type { Draft } from "@rocket-chat-api/client";
import { useChatClient, useMembers, useSend } from "@rocket-chat-api/react";
import { useState } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { toast } from "../../ui/toasts.ts";
import { errorText } from "../error-text.ts";
import type { RoomUi } from "../room-ui.ts";
import { namesIn } from "./mentions.ts";
import { type Files, outgoingFiles } from "./use-files.ts";
import type { Text } from "./use-text.ts";

/** How to send, and whether an edit is on its way. */
export interface Submit {
  submit: () => void;
  isSaving: boolean;
}

/** Sends and saves. */
export function useSubmit(ui: RoomUi, { text, setText }: Text, { chosen, clear }: Files): Submit {
  const t = useT();
  const client = useChatClient();
  const members = useMembers(ui.conversationId);
  const { send } = useSend(ui.conversationId);
  const [isSaving, setSaving] = useState(false);

  const metadata = (content: string): Pick<Draft, "metadata"> => {
    const mentions = namesIn(content, members);
    return mentions.length > 0 ? { metadata: { mentions } } : {};
  };

  const save = async (message_id: string, content: string) => {
    setSaving(true);
    try {
      await client.rest.editMessage({ message_id, content, ...metadata(content) });
      ui.resetMode();
    } catch (error) {
      toast(errorText(error, t), { tone: "danger" });
    }
    setSaving(false);
    ui.focusComposer();
  };

  const submit = () => {
    const mode = ui.mode.read();
    const content = text.trim();
    if (mode.kind === "edit") {
      if (content === mode.message.content) ui.resetMode();
      else if (content !== "") void save(mode.message.message_id, content);
      return;
    }
    if (content === "" && chosen.length === 0) return;
    const reply = mode.kind === "reply" ? { reply_to_message_id: mode.message.message_id } : {};
    const draft = { content, ...reply, ...metadata(content) };
    if (chosen.length === 0) send(draft);
    // What is measured is measured from when the file was chosen, so this is a moment at most.
    else void outgoingFiles(chosen).then((files) => send(draft, files));
    setText("");
    clear();
    ui.resetMode();
    ui.showNewest();
  };
  return { submit, isSaving };
}
