import { OFFLINE_AFTER_MS, type PresenceStatus } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Arrival,
  arrive,
  bestOf,
  lastSeen,
  visiblePresence,
} from "../../src/user-hub/presence-state.ts";

const NOW = 1_000_000;
const status = fc.constantFrom<PresenceStatus>("online", "away", "offline");

/** Nobody is there, and nobody was a moment ago. */
const nobody: Arrival = { vacancies: [], isAlone: true, chosen: "away", closed_at: NOW - OFFLINE_AFTER_MS };

describe("presence over all devices", () => {
  it("[R22 PRESENCE-1] the best counts: online while any is, away or offline when all agree on no better", () => {
    expect(bestOf([])).toBeUndefined();
    expect(bestOf(["offline", "away", "online"])).toBe("online");
    expect(bestOf(["offline", "away", "offline"])).toBe("away");
    expect(bestOf(["offline", "offline"])).toBe("offline");
  });

  it("[R22 PRESENCE-1] with a device, others see what is said; without, what they saw, for ten seconds", () => {
    const closed = { said: undefined, announced: "away", closed_at: NOW } as const;
    expect(visiblePresence({ ...closed, said: "online" }, NOW)).toEqual({
      status: "online",
      lookAgainAt: undefined,
    });
    expect(visiblePresence(closed, NOW + OFFLINE_AFTER_MS - 1)).toEqual({
      status: "away",
      lookAgainAt: NOW + OFFLINE_AFTER_MS,
    });
    expect(visiblePresence(closed, NOW + OFFLINE_AFTER_MS).status).toBe("offline");
    expect(visiblePresence({ ...closed, announced: "offline" }, NOW).status).toBe("offline");
  });

  it("[R22 PRESENCE-2] who opens within ten seconds takes the place that was left, the best first, once", () => {
    const at = (closed_at: number, said: PresenceStatus) => ({ status: said, closed_at });
    const vacancies = [at(NOW - 1, "offline"), at(NOW - 2, "away"), at(NOW - OFFLINE_AFTER_MS, "online")];
    const first = arrive({ ...nobody, vacancies }, NOW);
    expect(first).toEqual({ status: "away", vacancies: [at(NOW - 1, "offline")] });
    const second = arrive({ ...nobody, isAlone: false, vacancies: first.vacancies }, NOW);
    expect(second).toEqual({ status: "offline", vacancies: [] });
    expect(arrive({ ...nobody, isAlone: false, vacancies: second.vacancies }, NOW).status).toBe("online");
  });

  it("[R22 PRESENCE-2] an object that has forgotten takes what was said last, for all that come back", () => {
    for (const closed_at of [null, NOW - OFFLINE_AFTER_MS + 1]) {
      const first = arrive({ ...nobody, closed_at }, NOW);
      expect(first.status).toBe("away");
      const next = { ...nobody, isAlone: false, closed_at: null, vacancies: first.vacancies };
      expect(arrive(next, NOW + 5_000).status).toBe("away");
      expect(arrive(next, NOW + OFFLINE_AFTER_MS).status).toBe("online");
    }
    expect(arrive(nobody, NOW).status).toBe("online");
    expect(arrive({ ...nobody, isAlone: false, closed_at: null }, NOW).status).toBe("online");
  });

  it("[R22 PRESENCE-3] last_seen_at moves but while one is seen offline, and then not at all", () => {
    const state = { said: "online", announced: "away", closed_at: null } as const;
    expect(lastSeen(state, "online", NOW)).toBe(NOW);
    expect(lastSeen({ ...state, said: undefined, closed_at: NOW - 9 }, "offline", NOW)).toBe(NOW - 9);
    expect(lastSeen({ ...state, said: "offline" }, "offline", NOW)).toBeUndefined();
    expect(lastSeen({ ...state, said: "offline", announced: "offline" }, "offline", NOW)).toBeUndefined();
    expect(
      lastSeen({ said: undefined, announced: "offline", closed_at: NOW }, "offline", NOW),
    ).toBeUndefined();
  });

  it("[R22 PRESENCE-4] devices that close and all come back in time show what was shown before", () => {
    const blink = fc.tuple(
      fc.array(status, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: 9_000 }),
    );
    fc.assert(
      fc.property(blink, ([devices, pause]) => {
        const before = bestOf(devices);
        let vacancies = devices.map((said) => ({ status: said, closed_at: NOW }));
        const back: PresenceStatus[] = [];
        for (const [i] of devices.entries()) {
          const isAlone = i === 0;
          const arrival = { vacancies, isAlone, chosen: before ?? "online", closed_at: isAlone ? NOW : null };
          const next = arrive(arrival, NOW + pause);
          back.push(next.status);
          vacancies = next.vacancies;
          expect(bestOf(back)).toBe(before);
        }
        expect(back.toSorted()).toEqual(devices.toSorted());
      }),
    );
  });
});
