import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeliveryCheckpoint } from "../../src/conversation/delivery/delivery-checkpoint.ts";
import type { Cursor } from "../../src/conversation/state/cursor.ts";
import type { Room } from "../../src/conversation/state/room.ts";
import type { Store } from "../../src/conversation/state/store.ts";

/** The rows of an object's cursors, and how many were written. */
class Rows {
  readonly cursors = new Map<string, Cursor>();
  written = 0;

  findCursor(name: string): Cursor | undefined {
    return this.cursors.get(name);
  }
  cursor(name: string): Cursor {
    return this.findCursor(name) ?? { seq: 0, rev: 0 };
  }
  setCursor(name: string, cursor: Cursor): void {
    this.written += 1;
    this.cursors.set(name, cursor);
  }
  removeCursor(name: string): void {
    this.written += 1;
    this.cursors.delete(name);
  }
}

/** An object with its rows, and what it has in memory: how far everybody was told, and how far the directory is. */
class World {
  readonly rows = new Rows();
  head = 0;
  told = 0;
  directory = 0;
  asked = 0;
  #checkpoint = this.#wake();

  #wake(): DeliveryCheckpoint {
    return new DeliveryCheckpoint(this.rows as unknown as Store, {
      emit: () => {
        this.asked += 1;
      },
      isIdle: () => this.told === this.head,
      notifyLost: () => undefined,
      ringBy: () => undefined,
    });
  }

  get #room(): Room {
    const members: unknown[] = [];
    return {
      id: "x",
      head: this.head,
      rev: 0,
      audience: new Set(),
      currentMembers: () => members,
    } as unknown as Room;
  }

  /** As in conversation.ts: the directory's cursor is saved, then the checkpoint moves. @returns the rows written. */
  alarm(): number {
    this.rows.written = 0;
    const cursor = { seq: this.directory, rev: 0 };
    if (this.rows.cursor("directory").seq < this.directory) this.rows.setCursor("directory", cursor);
    this.#checkpoint.advance(this.#room, 0);
    return this.rows.written;
  }

  /** The object dies and wakes. @returns whether clients are asked to sync. */
  die(): boolean {
    this.asked = 0;
    // What the directory has is what was saved; what was not told is lost.
    this.directory = this.rows.cursor("directory").seq;
    this.#checkpoint = this.#wake();
    this.#checkpoint.recover(this.#room, 0);
    this.told = this.head;
    return this.asked > 0;
  }
}

type Step = "change" | "tell" | "project" | "alarm" | "die" | "older release saves";

describe("the delivery checkpoint", () => {
  it("[TOLD-6] whatever happens in whichever order: an object that dies with something untold asks its clients", () => {
    const step = fc.constantFrom<Step>(
      "change",
      "tell",
      "project",
      "alarm",
      "alarm",
      "die",
      "older release saves",
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new World();
        let isSaved = true;
        for (const one of steps) {
          if (one === "change") world.head += 1;
          if (one === "tell") world.told = world.head;
          if (one === "project") world.directory = world.head;
          if (one === "alarm") {
            expect(world.alarm()).toBeLessThanOrEqual(2);
            if (world.told === world.head) isSaved = true;
          }
          if (one === "change") isSaved = false;
          if (one === "die") {
            const hasLost = world.told < world.head;
            const asked = world.die();
            if (hasLost) expect(asked).toBe(true);
            if (isSaved) expect(asked).toBe(false);
          }
          if (one === "older release saves" && world.told === world.head) {
            // After a rollback it writes both, and this release wakes again.
            world.rows.setCursor("told", { seq: world.told, rev: 0 });
            world.rows.setCursor("directory", { seq: world.directory, rev: 0 });
            world.die();
            isSaved = world.rows.cursor("told").seq === world.head;
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("[TOLD-7] where the directory has all, and everybody was told, an alarm writes one row", () => {
    const world = new World();
    for (let i = 0; i < 3; i++) {
      Object.assign(world, { head: world.head + 1, told: world.head + 1, directory: world.head + 1 });
      expect(world.alarm()).toBe(1);
    }
    expect([...world.rows.cursors.keys()]).toEqual(["directory"]);
    expect(world.die()).toBe(false);
    // The directory lags: then each has a row, until both are level again.
    world.head = world.told = 4;
    expect(world.alarm()).toBe(1);
    expect(world.rows.cursors.get("told")).toEqual({ seq: 4, rev: 0 });
    world.head = world.told = world.directory = 5;
    expect(world.alarm()).toBe(2);
    expect([...world.rows.cursors.keys()]).toEqual(["directory"]);
  });
});
