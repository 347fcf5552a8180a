/** A message sent by REST, beside a Worker that passes a POST on to an object with one insert. */

import type { Measured } from "../measure.ts";
import { settle, undisturbed } from "../measure.ts";
import { beside } from "../report.ts";
import { type Asked, askFor } from "../requests.ts";
import { type Crowd, elsewhere } from "../rooms.ts";
import type { Kept, Scenario } from "../scenario.ts";
import type { Service } from "../servers.ts";
import type { Server } from "../workerd.ts";

const PHASE = "rest: send";
/** Requests on their way at a time: one shows how long it takes, many show what it costs. */
const PARALLEL = [1, 32];

interface Side extends Measured, Kept {
  send(n: string): Asked;
}

function post(url: string, n: string, headers: Record<string, string>): Asked {
  return {
    url,
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({
      type: "text",
      content: `Message ${n}: about as long as what people write to each other.`,
      client_message_id: `rest-${n}`,
    }),
  };
}

function floorOf(server: Server): Side[] {
  const url = `${server.url}/endpoint/${crypto.randomUUID()}`;
  return [{ name: "endpoint", title: "endpoint with one insert", server, send: (n) => post(url, n, {}) }];
}

async function serviceSides(service: Service, crowd: Crowd): Promise<Side[]> {
  const { server, directory, checkout } = service;
  const [sender, ...others] = await crowd.of(5);
  if (!sender) throw new Error("nobody sends");
  const id = await crowd.group([sender, ...others]);
  const to = `${server.url}/api/v1/conversations/${id}/messages`;
  const send = (n: string) => post(to, n, sender.headers);
  return [{ name: "rest", title: "service", ...elsewhere(checkout), server, directory, send }];
}

export const rest: Scenario = {
  name: "rest",
  comparable: true,
  async run(bench) {
    const { seconds } = bench.options;
    const sides = await bench.sides(floorOf, serviceSides);
    for (const parallel of PARALLEL) {
      await bench.inTurns(sides, async (side, run) => {
        const ask = (seconds: number, name: string) =>
          askFor(seconds, parallel, (n) => side.send(`${parallel}-${run}-${name}-${n}`));
        await ask(0.2, "warm");
        await settle(side);
        let attempt = 0;
        const send = () => ask(seconds, String(attempt++));
        bench.keep(PHASE, parallel, side, await undisturbed(side, bench.options, send));
      });
    }
  },
  tables: () => [
    {
      phase: PHASE,
      heading: "A message by REST into a group of 5 with nobody connected, so many requests at a time",
      of: "at a time",
      columns: [
        "cpu_per_message",
        "p50",
        "p99",
        "messages_per_second",
        "directory_cpu_per_message",
        "client_load",
        "others",
      ],
      comparisons: [beside("endpoint")],
    },
  ],
  targets: () => [],
};
