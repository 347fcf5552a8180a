/** A message sent by REST, beside a Worker that passes a POST on to an object with one insert. */

import type { Measured } from "../measure.ts";
import { settle, undisturbed } from "../measure.ts";
import { beside } from "../report.ts";
import { type Asked, askFor } from "../requests.ts";
import type { Bench, Scenario } from "../scenario.ts";

const PHASE = "rest: send";
/** Requests on their way at a time: one shows how long it takes, many show what it costs. */
const PARALLEL = [1, 32];

interface Side extends Measured {
  name: string;
  title: string;
  send(n: string): Asked;
}

async function sidesOf(bench: Bench): Promise<Side[]> {
  const floor = await bench.servers.floor();
  const service = await bench.servers.service();
  const crowd = bench.crowd(service);
  const [sender, ...others] = await crowd.of(5);
  if (!sender) throw new Error("nobody sends");
  const id = await crowd.group([sender, ...others]);
  const post = (url: string, n: string, headers: Record<string, string>): Asked => ({
    url,
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({
      type: "text",
      content: `Message ${n}: about as long as what people write to each other.`,
      client_message_id: `rest-${n}`,
    }),
  });
  const { server, directory } = service;
  const to = `${server.url}/api/v1/conversations/${id}/messages`;
  return [
    {
      name: "endpoint",
      title: "endpoint with one insert",
      server: floor,
      send: (n) => post(`${floor.url}/endpoint/${id}`, n, {}),
    },
    { name: "rest", title: "service", server, directory, send: (n) => post(to, n, sender.headers) },
  ];
}

export const rest: Scenario = {
  name: "rest",
  async run(bench) {
    const { seconds } = bench.options;
    const sides = bench.wanted(await sidesOf(bench));
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
