/** The client for everything below, and the hook that finds it. */
import type { ChatClient } from "@rocket-chat-api/client";
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
} from "react";
import { type ChatStore, storeOf } from "./store.ts";

const ChatContext = createContext<ChatClient | null>(null);

/** What {@link ChatProvider} takes. */
export interface ChatProviderProps {
  /** Make it once, outside of components. The provider never stops it: `client.stop()` is for logging out. */
  client: ChatClient;
  /** Whether the provider starts the client when it is first shown; true. Never on a server. */
  autoStart?: boolean;
  children?: ReactNode;
}

/** Gives a client to the hooks below. */
export function ChatProvider({ client, autoStart = true, children }: ChatProviderProps): ReactElement {
  useEffect(() => {
    if (autoStart && client.status === "idle") client.start();
  }, [client, autoStart]);
  return createElement(ChatContext.Provider, { value: client }, children);
}

/** The client of the nearest {@link ChatProvider}. @throws Error without one. */
export function useChatClient(): ChatClient {
  const client = useContext(ChatContext);
  if (!client) throw new Error("useChatClient and the other hooks need a <ChatProvider> above them");
  return client;
}

/** What the hooks of one client share. */
export function useStore(): ChatStore {
  return storeOf(useChatClient());
}
