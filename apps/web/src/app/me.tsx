/** The viewer's own profile. */
import type { Me } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

/** The profile, and how to replace it after a change. */
export interface MeView {
  /** Null until it has come. */
  me: Me | null;
  setMe: (me: Me) => void;
}

const Context = createContext<MeView>({ me: null, setMe: () => undefined });

/** Loads the profile with each connection, until it is there. */
export function MeProvider({ children }: { children: ReactNode }) {
  const client = useChatClient();
  const [me, setMe] = useState<Me | null>(null);
  const isKnown = me !== null;
  useEffect(() => {
    if (isKnown) return undefined;
    const load = () => void client.rest.me().then(setMe, () => undefined);
    if (client.status === "open") load();
    return client.on("status", (status) => status === "open" && load());
  }, [client, isKnown]);
  const value = useMemo(() => ({ me, setMe }), [me]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

/** The viewer's own profile. */
export function useMe(): MeView {
  return useContext(Context);
}
