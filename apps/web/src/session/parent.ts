/** Tokens from the page that frames this one, or has opened it. */

/** How long the other page may take to answer, in milliseconds. */
const PATIENCE_MS = 10_000;

/** What the other page is asked, and answers. */
const ASKED = "rocket-chat:token?";
const ANSWERED = "rocket-chat:token";

/** The window that may know a token: the one that frames this page, else its opener. */
function otherWindow(): Window | null {
  return window.parent !== window ? window.parent : (window.opener as Window | null);
}

/** Whether there is a window to ask. */
export function hasParent(): boolean {
  return otherWindow() !== null;
}

/**
 * Asks the other page for a token. Only windows of these origins get the question, and only theirs is an answer.
 * @throws Error if none comes.
 */
export async function tokenOfParent(origins: readonly string[]): Promise<string> {
  const other = otherWindow();
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(new Error("no page has given a token"))), PATIENCE_MS);
    const listen = (event: MessageEvent) => {
      const { type, token } = (event.data ?? {}) as { type?: unknown; token?: unknown };
      const isAnswer = event.source === other && origins.includes(event.origin) && type === ANSWERED;
      if (isAnswer && typeof token === "string") end(() => resolve(token));
    };
    const end = (settle: () => void) => {
      clearTimeout(timer);
      window.removeEventListener("message", listen);
      settle();
    };
    window.addEventListener("message", listen);
    for (const origin of origins) other?.postMessage({ type: ASKED }, origin);
  });
}
