/** A conversation list, and the room that is chosen. */
import { useConnection, useConversations } from "@rocket-chat-api/react";
import { useState } from "react";
import { Room } from "./room.tsx";

/** The app. */
export function App() {
  const { items, hasMore, loadMore } = useConversations();
  const { isOnline, error } = useConnection();
  const [chosen, setChosen] = useState<string>();
  const id = chosen ?? items[0]?.conversation_id;
  return (
    <>
      <nav aria-label="Conversations">
        {items.map((item) => (
          <button
            type="button"
            key={item.conversation_id}
            aria-current={item.conversation_id === id}
            onClick={() => setChosen(item.conversation_id)}
          >
            <b>{item.title}</b> {item.unread_count > 0 && <mark>{item.unread_count}</mark>}
            <small>{item.last_message?.content}</small>
          </button>
        ))}
        {hasMore && (
          <button type="button" onClick={() => loadMore()}>
            More
          </button>
        )}
        <p role="status">{isOnline ? "" : (error?.message ?? "Connecting ...")}</p>
      </nav>
      {id !== undefined && <Room key={id} id={id} />}
    </>
  );
}
