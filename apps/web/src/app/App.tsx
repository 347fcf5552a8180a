import type { ChatClient } from "@rocket-chat-api/client";
import { ChatProvider } from "@rocket-chat-api/react";
import type { Session } from "../session/session.ts";
import { Toasts } from "../ui/Toasts.tsx";
import { ErrorToasts } from "./ErrorToasts.tsx";
import { Frame } from "./Frame.tsx";
import { ViewerProvider } from "./viewer.tsx";

/** The chat of a person who is signed in. */
export function App({ client, session }: { client: ChatClient; session: Session }) {
  return (
    <ViewerProvider value={session}>
      <ChatProvider client={client}>
        <ErrorToasts />
        <Frame />
        <Toasts />
      </ChatProvider>
    </ViewerProvider>
  );
}
