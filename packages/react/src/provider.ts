/** The client for everything below, and the hook that finds it. */
import type { ChatClient } from "@rocket-chat-api/client";
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useSyncExternalStore,
} from "react";
import { type ChatStore, storeOf } from "./store.ts";

const ChatContext = createContext<ChatClient | null>(null);

/** What {@link ChatProvider} takes. */
export interface ChatProviderProps {
  /** Make it once, outside of components. The provider never stops it: `client.stop()` is for logging out. */
  client: ChatClient;
  /** Whether the provider starts the client when it is first shown; true. Never on a server. */
  autoStart?: boolean;
  /**
   * What is shown until the client's store is loaded, so that nothing begins empty. Without it the children are shown at once.
   * A page that awaits `client.load()` before its first rendering needs none.
   */
  fallback?: ReactNode;
  children?: ReactNode;
}

/** Clients whose store was asked, whatever came of it. */
const ASKED = new WeakSet<ChatClient>();

/** Whether the client shows what its store has. */
function useIsLoaded(client: ChatClient): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      void client.load().then(() => {
        ASKED.add(client);
        listener();
      });
      return () => undefined;
    },
    [client],
  );
  const read = () => !client.store || client.store.isLoaded || ASKED.has(client);
  return useSyncExternalStore(subscribe, read, () => !client.store);
}

/** Gives a client to the hooks below. */
export function ChatProvider(props: ChatProviderProps): ReactElement {
  const { client, autoStart = true, fallback, children } = props;
  const isLoaded = useIsLoaded(client);
  useEffect(() => {
    if (autoStart && client.status === "idle") client.start();
  }, [client, autoStart]);
  return createElement(
    ChatContext.Provider,
    { value: client },
    isLoaded || fallback === undefined ? children : fallback,
  );
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
