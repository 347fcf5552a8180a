/** The open windows of the app, and questions to them. */
import { MARK, type PageView, type WorkerQuestion } from "../push/messages.ts";
import type { AppWindow, PushWorkerScope } from "./scope.ts";

/** A page answers within this time, in milliseconds, or not at all: a hidden page may be frozen. */
const ANSWER_MS = 300;

/** The windows of the app, first the one that was used last: those below the scope of the worker. */
export async function windowsOf({ clients, registration }: PushWorkerScope): Promise<AppWindow[]> {
  const all = await clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter(({ url }) => url.startsWith(registration.scope));
}

/** Asks a page. @returns its answer, or undefined without one. */
export async function ask(window: AppWindow, question: WorkerQuestion): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), ANSWER_MS);
      port1.onmessage = ({ data }: { data: unknown }) => {
        clearTimeout(timer);
        resolve(data);
      };
      window.postMessage(question, [port2]);
    });
  } finally {
    port1.close();
  }
}

/** What the pages know together of a message. */
export async function viewOf(
  windows: readonly AppWindow[],
  conversation_id: string,
  seq: number,
): Promise<PageView> {
  const question: WorkerQuestion = { [MARK]: "view", conversation_id, seq };
  const answers = await Promise.all(windows.map(async (window) => await ask(window, question)));
  const views = answers.filter((answer): answer is PageView => typeof answer === "object" && answer !== null);
  return {
    is_on_screen: views.some(({ is_on_screen }) => is_on_screen),
    is_read: views.some(({ is_read }) => is_read),
  };
}

/** The first of these windows in which the app answers a question. */
export async function firstThatAnswers(
  windows: readonly AppWindow[],
  question: WorkerQuestion,
): Promise<AppWindow | undefined> {
  const answers = await Promise.all(windows.map(async (window) => await ask(window, question)));
  return windows[answers.indexOf(true)];
}
