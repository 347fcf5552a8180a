import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cursor } from "../../src/conversation/state/cursor.ts";
import { Cursors } from "../../src/conversation/state/cursors.ts";

const NAMES = ["directory", "told", "webhooks"];

/** Rows, and how many were written. */
function rowsOf() {
  const rows = new Map<string, Cursor>();
  const written: string[] = [];
  const life = () =>
    new Cursors(
      {
        read: (name) => rows.get(name),
        write: (name, cursor) => {
          written.push(name);
          rows.set(name, cursor);
        },
      },
      NAMES,
    );
  return { rows, written, life };
}

const at = (seq: number, rev = 0): Cursor => ({ seq, rev });

describe("the cursors of a conversation", () => {
  it("[CURSORS-1] those that have come equally far are saved in one row, the others each in its own", () => {
    const { written, life } = rowsOf();
    const cursors = life();
    for (const name of ["directory", "told"]) expect(cursors.of(name)).toEqual(at(0));
    cursors.saveTogether(() => {
      cursors.set("directory", at(5, 1));
      cursors.set("told", at(5, 1));
    });
    expect(written.splice(0)).toHaveLength(1);
    cursors.saveTogether(() => {
      cursors.set("directory", at(8, 1));
      cursors.set("told", at(6, 1));
    });
    expect(written.splice(0)).toEqual(["directory", "told"]);
    cursors.saveTogether(() => cursors.set("told", at(8, 1)));
    expect(written.splice(0)).toEqual(["told"]);
    cursors.saveTogether(() => undefined);
    expect(written).toEqual([]);
  });

  it("[CURSORS-2] a third consumer that lags behind is not taken along", () => {
    const { life } = rowsOf();
    const cursors = life();
    cursors.set("webhooks", at(2));
    cursors.saveTogether(() => {
      cursors.set("directory", at(9));
      cursors.set("told", at(9));
    });
    expect(NAMES.map((name) => life().of(name).seq)).toEqual([9, 9, 2]);
  });

  it("[CURSORS-3] whatever is set, and whenever the object starts again, each is where it was set last", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("set" as const), name: fc.constantFrom(...NAMES), by: fc.nat(3) }),
      fc.record({ kind: fc.constant("together" as const), names: fc.subarray(NAMES) }),
      fc.record({ kind: fc.constant("back" as const), name: fc.constantFrom(...NAMES) }),
      fc.record({ kind: fc.constant("wake" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { life } = rowsOf();
        const model = new Map(NAMES.map((name) => [name, at(0)]));
        let head = 0;
        let cursors = life();
        const ask = () => NAMES.map((name) => cursors.of(name));
        const set = (name: string, cursor: Cursor) => {
          cursors.set(name, cursor);
          model.set(name, cursor);
        };
        for (const one of steps) {
          if (one.kind === "set") {
            head += one.by;
            set(one.name, at(head, head));
          }
          if (one.kind === "together") {
            cursors.saveTogether(() => {
              // As all feeds do that are wanted.
              ask();
              for (const name of one.names) set(name, at(head, head));
            });
          }
          if (one.kind === "back") set(one.name, at(0, -1));
          // Another life asks for none of them first.
          if (one.kind === "wake") {
            cursors = life();
            continue;
          }
          expect(ask()).toEqual(NAMES.map((name) => model.get(name)));
        }
      }),
    );
  });
});
