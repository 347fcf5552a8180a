import type { ChatClient } from "@rocket-chat-api/client";
import { useCallback, useState } from "react";
import type { PageConfig } from "../session/config.ts";
import { forgetSession, type Session } from "../session/session.ts";
import { SignIn } from "../sign-in/SignIn.tsx";
import { App } from "./App.tsx";
import { makeClient } from "./client.ts";

interface SignedIn {
  session: Session;
  client: ChatClient;
}

/** Decides between sign-in and chat. @param found the session that the window has already. */
export function Start({ config, found }: { config: PageConfig; found: Session | null }) {
  const make = useCallback(
    (session: Session) => ({ session, client: makeClient(config, session) }),
    [config],
  );
  const [signedIn, setSignedIn] = useState<SignedIn | null>(() => (found ? make(found) : null));
  const [hasEnded, setEnded] = useState(false);
  const client = signedIn?.client;
  const end = useCallback(() => {
    client?.stop();
    forgetSession();
    setSignedIn(null);
    setEnded(true);
  }, [client]);
  if (!signedIn) return <SignIn hasEnded={hasEnded} onSession={(session) => setSignedIn(make(session))} />;
  return <App client={signedIn.client} session={signedIn.session} onEnded={end} />;
}
