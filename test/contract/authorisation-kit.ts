/** How a row of the authorisation matrix is asked. */
import { request } from "../worker/kit.ts";
import { type CommandRow, ROUTES, type RouteRow } from "./authorisation-table.ts";
import { connect, connectTo, settled, type TestSocket } from "./kit.ts";
import type { Relation, Stage } from "./stage.ts";

/** The headers that say who asks. */
export type Credentials = (relation: Relation, stage: Stage) => Record<string, string>;

const withOwnToken: Credentials = (relation, { people }) =>
  relation === "nobody" ? {} : { authorization: `Bearer ${people[relation].token}` };

/** Asks as somebody, and tells the status. */
export async function statusOf(
  route: string,
  row: RouteRow,
  stage: Stage,
  relation: Relation,
  credentials: Credentials = withOwnToken,
): Promise<number> {
  const [method = "", template = ""] = route.split(" ");
  const { params = {}, query, body } = row.ask?.(stage, relation) ?? {};
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? "");
  const response = await request(query ? `${path}?${query}` : path, {
    method,
    headers: {
      ...credentials(relation, stage),
      ...(row.upgrade ? { upgrade: "websocket" } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  response.webSocket?.accept();
  response.webSocket?.close();
  await response.body?.cancel();
  return response.status;
}

/** Rows of routes that need a token. */
export function rowsOfUsers(): [route: string, row: RouteRow][] {
  const all = Object.entries(ROUTES).flatMap(([route, rows]) => rows.map((row) => [route, row] as const));
  return all.flatMap(([route, row]) =>
    row.statuses.endsWith("401") && !/ \/(?:api\/v1\/server\/|metrics$)/.test(route) ? [[route, row]] : [],
  );
}

/** Opens one of the two sockets; a refusal is its status. */
export async function openSocket(
  kind: "user" | "conversation",
  stage: Stage,
  relation: Relation,
): Promise<TestSocket | string> {
  const path = kind === "user" ? "/ws" : `/api/v1/conversations/${stage.id}/ws`;
  if (relation === "nobody") {
    return String((await request(path, { headers: { upgrade: "websocket" } })).status);
  }
  const who = stage.people[relation];
  try {
    return await (kind === "user" ? connect(who) : connectTo(who, stage.id));
  } catch (error) {
    return String(error).match(/no socket: (\d+)/)?.[1] ?? String(error);
  }
}

/** What is answered to a command. */
export async function answerTo(
  socket: TestSocket,
  type: string,
  row: CommandRow,
  stage: Stage,
  relation: Relation,
) {
  const command = { type, ...row.carries(stage, relation) };
  if (type === "flow.ack") {
    const count = socket.events.length;
    socket.raw(JSON.stringify({ ...command, request_id: "silent" }));
    await settled(20);
    const answers = socket.events
      .slice(count)
      .filter((event) => event.type === "ack" || event.type === "error");
    return answers.length === 0 ? "-" : JSON.stringify(answers);
  }
  const answer = await socket.ask(command);
  if (answer.type === "error") return answer.code;
  const data = answer.type === "ack" ? answer.data : undefined;
  const failed =
    typeof data === "object" && data && "failed" in data ? Object.values(data.failed as object) : [];
  return failed.length > 0 ? failed.join() : answer.type;
}
