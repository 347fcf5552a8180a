/** The viewer's own profile. */
import type { Me } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { keep, kept } from "../session/kept.ts";
import { useViewer } from "./viewer.tsx";

/** The profile, and how to replace it after a change. */
export interface MeView {
  /** Null until it has come. */
  me: Me | null;
  setMe: (me: Me) => void;
}

const Context = createContext<MeView>({ me: null, setMe: () => undefined });

/** The profile as it was last, for a start without a network. */
function keptMe(userId: string): Me | null {
  try {
    return JSON.parse(kept("me", userId) ?? "null") as Me | null;
  } catch {
    // It is loaded again.
    return null;
  }
}

/** Loads the profile with each connection, until it is there. */
export function MeProvider({ children }: { children: ReactNode }) {
  const client = useChatClient();
  const { userId } = useViewer();
  const [me, setOwn] = useState<Me | null>(() => keptMe(userId));
  const [isKnown, setKnown] = useState(false);
  const setMe = useCallback(
    (fresh: Me) => {
      keep("me", userId, JSON.stringify(fresh));
      setOwn(fresh);
      setKnown(true);
    },
    [userId],
  );
  useEffect(() => {
    if (isKnown) return undefined;
    const load = () => void client.rest.me().then(setMe, () => undefined);
    if (client.status === "open") load();
    return client.on("status", (status) => status === "open" && load());
  }, [client, isKnown, setMe]);
  const value = useMemo(() => ({ me, setMe }), [me, setMe]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

/** The viewer's own profile. */
export function useMe(): MeView {
  return useContext(Context);
}
