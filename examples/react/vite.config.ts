/** The app is on an origin of its own: it reaches the chat service by CORS. */
import { defineConfig } from "vite";

/** Where `npm run dev` of the service listens, unless CHAT_URL says otherwise. */
const CHAT_URL = process.env.CHAT_URL ?? "http://localhost:8787";

/**
 * What your own backend does in production: it knows who is signed in, and gives them a token. Here the service's development
 * sign-in stands for it, which answers pages of its own origin alone, hence no `Origin`.
 */
const proxy = {
  "/development": { target: CHAT_URL, changeOrigin: true, headers: { origin: CHAT_URL } },
};

export default defineConfig({
  define: { "import.meta.env.VITE_CHAT_URL": JSON.stringify(CHAT_URL) },
  server: { proxy },
  preview: { proxy },
});
