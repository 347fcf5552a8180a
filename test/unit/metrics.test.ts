import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exposition } from "../../src/metrics/exposition.ts";
import { FAMILIES } from "../../src/metrics/families.ts";
import { clientCloseLabel, methodLabel } from "../../src/metrics/labels.ts";
import { Registry } from "../../src/metrics/registry.ts";

/** The lines of one metric. */
const linesOf = (text: string, name: string) =>
  text.split("\n").filter((line) => line.startsWith(`rocket_chat_${name}`));

describe("what the service counts", () => {
  it("[METRICS-1] adds up by labels, and gives each sum away once", () => {
    const registry = new Registry();
    registry.add("messages");
    registry.add("messages", 2);
    registry.add("pushes", 1, "fcm", "sent");
    registry.add("pushes", 1, "apns", "sent");
    expect(registry.take()).toEqual([
      { family: "messages", labels: [], sum: 3, buckets: [] },
      { family: "pushes", labels: ["fcm", "sent"], sum: 1, buckets: [] },
      { family: "pushes", labels: ["apns", "sent"], sum: 1, buckets: [] },
    ]);
    expect([registry.isEmpty, registry.take()]).toEqual([true, []]);
  });

  it("[METRICS-2] a value lies in the first bucket that holds it, one beyond all in the last", () => {
    const registry = new Registry();
    for (const value of [-1, 1, 2, 3, 128, 129]) registry.observe("turn_changes", value);
    const [sample] = registry.samples();
    // Bounds: 1, 2, 4, 8, 16, 32, 64, 128, none.
    expect(sample?.buckets).toEqual([2, 1, 1, 0, 0, 0, 0, 1, 1]);
    expect(sample?.sum).toBe(262);
  });

  it("[METRICS-3] isolates are added up in any order, and an unknown metric of another release is left out", () => {
    const [one, other, all] = [new Registry(), new Registry(), new Registry()];
    one.observe("turn_changes", 1);
    other.observe("turn_changes", 100);
    other.add("messages", 5);
    all.merge(other.samples());
    all.merge(one.samples());
    all.merge([{ family: "of_the_future" as never, labels: [], sum: 1, buckets: [] }]);
    expect(all.samples()).toEqual([
      { family: "turn_changes", labels: [], sum: 101, buckets: [1, 0, 0, 0, 0, 0, 0, 1, 0] },
      { family: "messages", labels: [], sum: 5, buckets: [] },
    ]);
  });

  it("[METRICS-4] so many series and no more: whoever asks for 10,000 paths fills no memory", () => {
    const registry = new Registry();
    for (let n = 0; n < 10_000; n++) registry.add("requests", 1, "GET", `/${n}`, "404");
    const samples = registry.samples();
    expect(samples.length).toBe(501);
    expect(samples.at(-1)).toMatchObject({ labels: ["other", "other", "404"], sum: 9_500 });
  });

  it("[METRICS-20] who fills a metric with series hides no failure: the status and the place of sockets stay", () => {
    const registry = new Registry();
    for (let n = 0; n < 600; n++) registry.add("requests", 1, "GET", `/${n}`, "401");
    registry.add("requests", 3, "GET", "/health/ready", "503");
    for (let n = 0; n < 600; n++) registry.add("sockets_closed", 1, "hub", String(3000 + n));
    registry.add("sockets_closed", 2, "conversation", "1006");
    registry.add("sockets_opened", 700, "hub");
    const samples = registry.samples();
    expect(samples).toContainEqual(expect.objectContaining({ labels: ["other", "other", "503"], sum: 3 }));
    expect(samples).toContainEqual(expect.objectContaining({ labels: ["conversation", "other"], sum: 2 }));
    expect(linesOf(exposition(samples), "sockets_open{")).toContain('rocket_chat_sockets_open{at="hub"} 100');
  });

  it("[METRICS-21] clients choose methods and close codes, but no series and no close of ours", () => {
    const methods = ["GET", "PROPFIND", "MKCOL", "PURGE", "BAN"].map(methodLabel);
    expect(methods).toEqual(["GET", "other", "other", "other", "other"]);
    const codes = [1000, 1001, 1006, 3000, 4010, 4012, 4999].map(clientCloseLabel);
    expect(codes).toEqual(["1000", "1001", "1006", "other", "other", "other", "other"]);
  });
});

describe("GET /metrics as text", () => {
  it("[METRICS-5] is OpenMetrics: counters, cumulative buckets, an end", () => {
    const registry = new Registry();
    registry.add("requests", 2, "GET", '/a"b\\c\n', "200");
    registry.observe("turn_changes", 1);
    registry.observe("turn_changes", 3);
    const text = exposition(registry.samples());
    expect(linesOf(text, "requests")).toEqual([
      'rocket_chat_requests_total{method="GET",route="/a\\"b\\\\c\\n",status="200"} 2',
    ]);
    expect(linesOf(text, "turn_changes")).toEqual([
      'rocket_chat_turn_changes_bucket{le="1.0"} 1',
      'rocket_chat_turn_changes_bucket{le="2.0"} 1',
      ...["4.0", "8.0", "16.0", "32.0", "64.0", "128.0", "+Inf"].map(
        (le) => `rocket_chat_turn_changes_bucket{le="${le}"} 2`,
      ),
      "rocket_chat_turn_changes_sum 4",
      "rocket_chat_turn_changes_count 2",
    ]);
    expect(text).toContain("# TYPE rocket_chat_turn_changes histogram\n");
    expect(text).toContain("# UNIT rocket_chat_request_seconds seconds\n");
    expect(text.endsWith("\n# EOF\n")).toBe(true);
  });

  it("[METRICS-6] names every metric before anything has happened, so that queries and alerts find it", () => {
    const text = exposition([]);
    for (const name of Object.keys(FAMILIES)) expect(text).toContain(`# TYPE rocket_chat_${name} `);
  });

  it("[METRICS-7] open sockets are those that were opened and have not closed", () => {
    const registry = new Registry();
    registry.add("sockets_opened", 5, "hub");
    registry.add("sockets_closed", 1, "hub", "1000");
    registry.add("sockets_closed", 2, "hub", "4010");
    expect(linesOf(exposition(registry.samples()), "sockets_open{")).toEqual([
      'rocket_chat_sockets_open{at="conversation"} 0',
      'rocket_chat_sockets_open{at="hub"} 2',
    ]);
  });
});

describe("what operators are given", () => {
  const folder = new URL("../../docs/grafana/", import.meta.url);
  const dashboard = readFileSync(new URL("dashboard.json", folder), "utf8");
  const alerts = readFileSync(new URL("alerts.yml", folder), "utf8");
  const operating = readFileSync(new URL("../operating.md", folder), "utf8");

  it("[METRICS-8] the dashboard and the alerts ask for metrics and labels that exist, and the dashboard for each", () => {
    const text = exposition([]);
    const asked = [
      ...`${dashboard}${alerts}`.matchAll(/rocket_chat_(\w+?)(?:_total|_bucket|_open)?(?=[{[\\"\s)])/g),
    ];
    const names = new Set(asked.map(([, name = ""]) => name));
    for (const name of names) expect(text, name).toMatch(new RegExp(`# TYPE rocket_chat_${name}(?:_open)? `));
    for (const name of Object.keys(FAMILIES))
      expect(dashboard).toContain(`rocket_chat_${name}`.replace("sockets_opened", "sockets_open"));
    const labels = new Set(Object.values(FAMILIES).flatMap((family) => family.labels));
    for (const [, list = ""] of `${dashboard}${alerts}`.matchAll(/by \(([\w, ]+)\)/g)) {
      for (const label of list.split(", ")) expect(["le", ...labels]).toContain(label);
    }
  });

  it("[METRICS-9] docs/operating.md has each metric, and for each alert what to do", () => {
    for (const name of Object.keys(FAMILIES)) expect(operating, name).toContain(`\`${name}`);
    for (const [, name = ""] of alerts.matchAll(/- alert: (\w+)/g))
      expect(operating, name).toContain(`### ${name}\n`);
  });
});
