/** What grows with the members of a group, where the answer does not. Nobody else is connected. */
import { Agent } from "node:http";
import { z } from "zod";
import { type Person, socketPath } from "../../scripts/person.ts";
import type { Phase } from "../driver.ts";
import { type Doing, measureInTurns, tableOf, targetsOf } from "../growing.ts";
import { settle } from "../measure.ts";
import { type Asked, answer, askFor } from "../requests.ts";
import { elsewhere } from "../rooms.ts";
import type { Bench, Options, Scenario } from "../scenario.ts";
import type { Service } from "../servers.ts";
import { ask, doFor, openSocket } from "../sockets.ts";

const PHASE = "members: one of a group";

function membersOf({ quick }: Options): [number, number] {
  return quick ? [5, 50] : [100, 1_000];
}

/** What one of a group of so many does. Nobody else is connected. */
async function groupSides(bench: Bench, service: Service, size: number): Promise<Doing[]> {
  const { server, directory, checkout } = service;
  const people = await bench.crowd(service).of(size);
  const [owner, reader] = people;
  if (!owner || !reader) throw new Error("a group needs two");
  const id = await bench.crowd(service).group(people);
  await settle({ name: "group", server, directory });
  const url = `${server.url}/api/v1/conversations/${id}`;
  const request = (who: Person, method: string, path: string, body?: unknown): Asked => ({
    url: `${url}${path}`,
    method,
    headers: { ...who.headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const agent = new Agent({ keepAlive: true });
  const said = z.looseObject({ message_id: z.string() });
  const say = (content: string) => request(owner, "POST", "/messages", { type: "text", content });
  for (let n = 0; n < 60; n++) await answer(agent, say(`Message ${n}`));
  const common = { size, server, directory, ...elsewhere(checkout) };
  const asking = (name: string, title: string, ask: (n: number) => Asked): Doing => {
    return { ...common, name, title, run: (seconds) => askFor(seconds, 1, ask) };
  };
  return [
    asking("typing", "starts and ends typing", (n) =>
      request(reader, n % 2 === 0 ? "POST" : "DELETE", "/typing"),
    ),
    asking("history", "reads 50 of their own messages", () => request(owner, "GET", "/messages?limit=50")),
    asking("send", "sends a message", (n) => say(`Message ${n}`)),
    asking("details", "gets the details, with all members", () => request(owner, "GET", "")),
    {
      ...{ ...common, name: "read", title: "sends a message, which another reads" },
      run: (seconds) =>
        doFor(seconds, async (n) => {
          const { message_id } = said.parse(JSON.parse(await answer(agent, say(`Message ${n}`))));
          await answer(agent, request(reader, "PUT", "/read", { up_to_message_id: message_id }));
        }),
    },
    ...["hub", "own"].map((kind): Doing => {
      const path = kind === "hub" ? "/ws" : socketPath(id);
      const title = kind === "hub" ? "resumes over /ws" : "resumes on the conversation's own socket";
      return {
        ...common,
        name: `resume-${kind}`,
        title,
        run: (seconds) => resume(path, url, reader, seconds),
      };
    }),
  ];
}

const Numbered = z.looseObject({ seq: z.number() });

/** Resumes again and again from the end, where nothing is new. @param url of the conversation. */
async function resume(path: string, url: string, { headers }: Person, seconds: number): Promise<Phase> {
  const { seq } = Numbered.parse(await (await fetch(url, { headers })).json());
  const conversations = { [url.slice(url.lastIndexOf("/") + 1)]: seq };
  const socket = await openSocket(new URL(path, url).href, headers);
  try {
    return await doFor(seconds, (n) =>
      ask(socket, { type: "sync", conversations, request_id: n }, `"request_id":${n}`),
    );
  } finally {
    socket.close();
  }
}

export const growMembers: Scenario = {
  name: "grow-members",
  comparable: true,
  async run(bench) {
    const sizes = membersOf(bench.options);
    const sides = await bench.sides<Doing>(
      () => [],
      async (service) => {
        const [few, many] = sizes;
        return [...(await groupSides(bench, service, few)), ...(await groupSides(bench, service, many))];
      },
    );
    await measureInTurns(bench, PHASE, sides);
  },
  tables: (options) => [
    tableOf(PHASE, "What one of a group does, nobody else being connected", "members", membersOf(options)[0]),
  ],
  targets: (options) =>
    targetsOf(
      PHASE,
      ["typing", "history", "send", "read", "resume-hub", "resume-own"],
      "members",
      membersOf(options),
    ),
};
