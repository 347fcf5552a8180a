import type { ChatClient } from "@rocket-chat-api/client";
import { ChatProvider } from "@rocket-chat-api/react";
import { Hosts } from "../panels/Hosts.tsx";
import type { Session } from "../session/session.ts";
import { Toasts } from "../ui/Toasts.tsx";
import { Announcer } from "./Announcer.tsx";
import { ErrorToasts } from "./ErrorToasts.tsx";
import { Frame } from "./Frame.tsx";
import { MeProvider } from "./me.tsx";
import { Title } from "./Title.tsx";
import { ViewerProvider } from "./viewer.tsx";

/** What {@link App} takes. */
export interface AppProps {
  client: ChatClient;
  session: Session;
  /** The service takes the person's tokens no longer. */
  onEnded: () => void;
}

/** The chat of a person who is signed in. */
export function App({ client, session, onEnded }: AppProps) {
  return (
    <ViewerProvider value={session}>
      <ChatProvider client={client}>
        <MeProvider>
          <ErrorToasts onEnded={onEnded} />
          <Title />
          <Announcer />
          <Frame />
          <Hosts />
          <Toasts />
        </MeProvider>
      </ChatProvider>
    </ViewerProvider>
  );
}
