/** One conversation: its messages, who is typing, and a field to send. */
import {
  type ShownMessage,
  useAttachmentUrl,
  useConversation,
  useMessages,
  useSend,
  useTyping,
} from "@rocket-chat-api/react";
import { type FormEvent, memo, useEffect, useState } from "react";

/** The room of a conversation. */
export function Room({ id }: { id: string }) {
  const { conversation } = useConversation(id);
  const { messages, hasOlder, loadOlder, markRead } = useMessages(id);
  const { typing } = useTyping(id);
  const newest = messages.at(-1)?.key;
  // What is on the screen is read.
  useEffect(() => {
    if (newest !== undefined) markRead();
  }, [newest, markRead]);
  return (
    <main aria-label={conversation?.name ?? "Chat"}>
      <ol>
        {hasOlder && (
          <button type="button" onClick={() => void loadOlder()}>
            Older
          </button>
        )}
        {messages.map((shown) => (
          <Row key={shown.key} shown={shown} />
        ))}
      </ol>
      <small>{typing.length > 0 && `${typing.map((one) => one.username).join(", ")} typing ...`}</small>
      <Composer id={id} />
    </main>
  );
}

/** A message. Its object changes only when the message does, so `memo` renders nothing else. */
const Row = memo(function Row({ shown: { message, outgoing } }: { shown: ShownMessage }) {
  const picture = message.attachments.find((one) => one.type === "image");
  const url = useAttachmentUrl(picture);
  return (
    <li data-state={outgoing?.state ?? "sent"}>
      <b>{message.sender.display_name}</b> {message.is_deleted ? <i>deleted</i> : message.content}
      {url !== undefined && <img src={url} alt={picture?.file_name ?? ""} />}
    </li>
  );
});

function Composer({ id }: { id: string }) {
  const { send } = useSend(id);
  const { onInput } = useTyping(id);
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    send({ content: text });
    setText("");
  };
  return (
    <form onSubmit={submit}>
      <input
        aria-label="Message"
        value={text}
        onInput={onInput}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit">Send</button>
    </form>
  );
}
