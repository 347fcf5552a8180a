/** What waits when an erasure begins: texts that the directory does not have yet, notes for its log, a ticket, a ban. */
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { DevServer } from "../../../scripts/serve.ts";
import { directoriesOf } from "./files.ts";
import { type Scene, say } from "./plant.ts";

/** Keeps everybody else from writing to D1. @returns lets go. */
export function holdDirectory(state: string): () => void {
  const held = directoriesOf(state).map((path) => {
    const db = new DatabaseSync(path, { timeout: 15_000 });
    db.exec("BEGIN IMMEDIATE");
    return db;
  });
  return () => {
    for (const db of held) {
      db.exec("ROLLBACK");
      db.close();
    }
  };
}

/** Plants what stays where it is while D1 takes nothing, and kills the server in the middle of it. */
export async function plantLate(server: DevServer, scene: Scene): Promise<void> {
  const { api, words, ada, group } = scene;
  await api.ask(ada, "POST", "/ws/ticket");
  const letGo = holdDirectory(server.state);
  const late = ["late", "late darn", "late heck"].map(async (content) =>
    say(scene, ada, group, { type: "text", content: `${words.text} ${content}` }).catch(() => undefined),
  );
  await sleep(3_000);
  await server.killAll();
  letGo();
  await Promise.all(late);
}
