/** What is searched for. It outlives the panel, so that one comes back to the same results. */

/** A search. */
export interface Query {
  q: string;
  /** Empty: in all conversations. */
  conversationId: string;
  /** Empty: of all people. */
  senderId: string;
}

const NOTHING: Query = { q: "", conversationId: "", senderId: "" };
let last = NOTHING;

/** The search with which the panel opens. @param within the conversation that is to be searched; null is where one was. */
export function firstQuery(within: string | null): Query {
  if (within !== null && last.conversationId !== within) return { ...NOTHING, conversationId: within };
  return last;
}

/** Keeps a search for the next time. */
export function keepQuery(query: Query): void {
  last = query;
}
