/** Who is signed in at this window. */
import { createContext, useContext } from "react";
import type { Session } from "../session/session.ts";

const Context = createContext<Session | null>(null);

/** Gives the session to everything below. */
export const ViewerProvider = Context.Provider;

/** Who is signed in. @throws Error where nobody is. */
export function useViewer(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("useViewer needs a session");
  return session;
}
