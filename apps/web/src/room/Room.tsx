import { useConversation, useMessages, useSend } from "@rocket-chat-api/react";
import { ArrowLeft, Info, SendHorizontal } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { navigate } from "../app/route.ts";
import { useT } from "../i18n/i18n.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { TextField } from "../ui/TextField.tsx";
import styles from "./Room.module.css";

/** A conversation: its messages, and where one writes. */
export function Room({ conversationId }: { conversationId: string }) {
  const t = useT();
  const { conversation } = useConversation(conversationId);
  const { messages, markRead } = useMessages(conversationId);
  useEffect(() => {
    if (messages.length > 0) void markRead();
  }, [messages, markRead]);
  return (
    <section className={styles.room} aria-label={t("room.messages")}>
      <header className={styles.header}>
        <IconButton
          className={styles.back ?? ""}
          label={t("app.back")}
          icon={<ArrowLeft data-mirrored />}
          onClick={() => navigate({})}
        />
        <h2 className={styles.title} dir="auto">
          {conversation?.name}
        </h2>
        <IconButton
          label={t("room.details")}
          icon={<Info />}
          onClick={() => navigate({ panel: "details" })}
        />
      </header>
      <ol className={styles.messages}>
        {messages.map(({ key, message }) => (
          <li key={key}>
            <strong>{message.sender.display_name}</strong> <span dir="auto">{message.content}</span>
          </li>
        ))}
      </ol>
      <Composer conversationId={conversationId} />
    </section>
  );
}

function Composer({ conversationId }: { conversationId: string }) {
  const t = useT();
  const { send } = useSend(conversationId);
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    send({ content: text });
    setText("");
  };
  return (
    <form className={styles.composer} onSubmit={submit}>
      <TextField
        className={styles.input ?? ""}
        label={t("room.write")}
        isLabelHidden
        placeholder={t("room.write")}
        value={text}
        onChange={setText}
      />
      <IconButton
        type="submit"
        label={t("room.send")}
        icon={<SendHorizontal data-mirrored />}
        tone="accent"
      />
    </form>
  );
}
