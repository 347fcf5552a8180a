import type { ChatClient } from "@rocket-chat-api/client";
import { ChatProvider } from "@rocket-chat-api/react";
import { useT } from "../i18n/i18n.tsx";
import { Hosts } from "../panels/Hosts.tsx";
import type { Session } from "../session/session.ts";
import { Toasts } from "../ui/Toasts.tsx";
import { Announcer } from "./Announcer.tsx";
import styles from "./App.module.css";
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

/** While what is kept on this device is read: a moment, in which nothing is there to see. */
function Splash() {
  const t = useT();
  return (
    <main className={styles.splash} aria-busy="true">
      <h1 className="visually-hidden">{t("app.loading")}</h1>
    </main>
  );
}

/** The chat of a person who is signed in. */
export function App({ client, session, onEnded }: AppProps) {
  return (
    <ViewerProvider value={session}>
      <ChatProvider client={client} fallback={<Splash />}>
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
