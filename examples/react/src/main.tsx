/** The whole setup: a client, a provider above the app. */
import { ChatClient } from "@rocket-chat-api/client";
import { ChatProvider } from "@rocket-chat-api/react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { token } from "./token.ts";
import "./style.css";

const client = new ChatClient({ url: import.meta.env.VITE_CHAT_URL, token });
const root = document.querySelector("#root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <ChatProvider client={client}>
    <App />
  </ChatProvider>,
);
