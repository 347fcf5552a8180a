/** How a row of the authorisation matrix is asked. */
import { request } from "../worker/kit.ts";
import { ROUTES, type RouteRow } from "./authorisation-table.ts";
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
    row.statuses.endsWith("401") && !route.includes(" /api/v1/server/") ? [[route, row]] : [],
  );
}
