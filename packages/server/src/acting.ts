/** Every route in a user's name: a method for each operation of conversations, and the routes beside them. */
import type {
  Conversation,
  ConversationList,
  CreateGroup,
  Me,
  RestCalls,
  SearchResults,
  SyncPage,
} from "@rocket-chat-api/protocol";
import { type Declaration, declarationOf, OPERATION_NAMES } from "@rocket-chat-api/protocol/facts";
import { type Http, type RequestOptions, segment } from "./http.ts";

/** One method for each operation. Ids of the path, query and body are given as one object. */
type OperationMethods = {
  [Name in keyof RestCalls]: (request: RestCalls[Name]["request"]) => Promise<RestCalls[Name]["answer"]>;
};

/** The routes that are no operations of one conversation. */
class Routes {
  readonly #http: Http;
  readonly #user: string;

  constructor(http: Http, user: string) {
    this.#http = http;
    this.#user = user;
  }

  /** Any route, for those that have no method here. @param path behind `/api/v1`. */
  request<T>(method: string, path: string, options: Omit<RequestOptions, "actAs"> = {}): Promise<T> {
    return this.#http.request(method, path, { ...options, actAs: this.#user });
  }

  me(): Promise<Me> {
    return this.request("GET", "/users/me");
  }

  listConversations(query: RequestOptions["query"] = {}): Promise<ConversationList> {
    return this.request("GET", "/conversations", { query });
  }

  /** The one direct conversation with a user. It is created if there is none. */
  createDirect(user: string): Promise<Conversation> {
    return this.request("POST", "/conversations/direct", { body: { user_id: user } });
  }

  createGroup(group: CreateGroup): Promise<Conversation> {
    return this.request("POST", "/conversations/group", { body: group });
  }

  searchMessages(q: string, query: RequestOptions["query"] = {}): Promise<SearchResults> {
    return this.request("GET", "/search/messages", { query: { ...query, q } });
  }

  /** What has changed in all conversations. @param since `next_token` of the page before. */
  sync(since?: string): Promise<SyncPage> {
    return this.request("GET", "/sync", { query: { since } });
  }

  /** A ticket that opens one socket within half a minute: for the user's app, without a token of theirs. */
  ticket(): Promise<{ ticket: string; expires_in: number }> {
    return this.request("POST", "/ws/ticket");
  }
}

/** A user, and everything that they can do. */
export type Acting = Routes & OperationMethods;

/** What a user can do, done by a server. */
export function acting(http: Http, user: string): Acting {
  const routes = new Routes(http, user);
  const methods = OPERATION_NAMES.flatMap((name) => {
    const row = declarationOf(name);
    const { rest } = row;
    if (rest === undefined) return [];
    return [[name, (request: object) => ask(routes, rest, row.body !== undefined, request)] as const];
  });
  // Made from the table that the type is made from.
  return Object.assign(routes, Object.fromEntries(methods) as unknown as OperationMethods);
}

function ask(
  routes: Routes,
  [method, template]: NonNullable<Declaration["rest"]>,
  hasBody: boolean,
  request: object,
): Promise<unknown> {
  const left: Record<string, unknown> = { ...request };
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const { [name]: value } = left;
    delete left[name];
    return segment(value);
  });
  return routes.request(
    method,
    path,
    hasBody ? { body: left } : { query: left as RequestOptions["query"] & {} },
  );
}
