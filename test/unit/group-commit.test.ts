import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GroupCommit } from "../../src/conversation/group-commit.ts";

/** An inbox whose commits end when the test says so, and what it did. It has just had something to do. */
function inboxOf(single = 2) {
  const { did, ...its } = quietInbox(single);
  its.frame("warm");
  did.length = 0;
  return { did, ...its };
}

/** The same, after a long time in which nothing came. */
function quietInbox(single = 2) {
  const did: string[] = [];
  const quiet: boolean[] = [];
  const commits: (() => void)[] = [];
  const inbox = new GroupCommit({
    sync: () =>
      new Promise((resolve) => {
        did.push("commit");
        commits.push(resolve);
      }),
    endTurn: (isQuiet) => {
      did.push("end");
      quiet.push(isQuiet);
    },
    listeners: () => ({ batching: 0, single }),
  });
  const frame = (name: string, change?: () => void) =>
    inbox.post({
      act: () => {
        did.push(`act ${name}`);
        if (change) void inbox.submit(change);
      },
      read: () => did.push(`read ${name}`),
    });
  const committed = async () => {
    commits.shift()?.();
    await vi.advanceTimersByTimeAsync(20);
  };
  return { inbox, did, frame, committed, quiet };
}

describe("group commit", () => {
  // Whether work comes alone is a question of milliseconds.
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("[INBOX-1] what comes while a commit is in flight is read together, then done in order, in one commit", async () => {
    const { did, frame, committed } = inboxOf();
    frame("a", () => did.push("change a"));
    expect(did.splice(0)).toEqual(["read a", "act a", "change a", "end", "commit"]);
    frame("b", () => did.push("change b"));
    frame("c", () => did.push("change c"));
    expect(did).toEqual([]);
    await committed();
    expect(did).toEqual(["read b", "read c", "act b", "change b", "act c", "change c", "end", "commit"]);
  });

  it("[INBOX-2] a turn that changes nothing waits for no commit", () => {
    const { did, frame } = inboxOf();
    frame("a");
    frame("b");
    expect(did).toEqual(["read a", "act a", "end", "read b", "act b", "end"]);
  });

  it("[INBOX-4] whatever goes wrong in a piece of work, the others are done and the next turn comes", async () => {
    const { did, frame, inbox, committed } = inboxOf();
    frame("a", () => did.push("change a"));
    inbox.post({
      act: () => {
        throw new Error("a defect");
      },
    });
    frame("b", () => did.push("change b"));
    await committed();
    expect(did.slice(5)).toEqual(["read b", "act b", "change b", "end", "commit"]);
    frame("c", () => did.push("change c"));
    await committed();
    expect(did.slice(-1)).toEqual(["commit"]);
    expect(did).toContain("change c");
  });

  it("[INBOX-5] changes are limited by who listens, and what only reads is not", async () => {
    const { did, frame, committed } = inboxOf(5_000);
    frame("first", () => did.push("change"));
    for (let n = 0; n < 40; n++) frame(`ack ${n}`);
    for (let n = 0; n < 20; n++) frame(`message ${n}`, () => did.push("change"));
    did.length = 0;
    await committed();
    expect(did.filter((what) => what === "change")).toHaveLength(16);
    expect(did.filter((what) => what.startsWith("act ack"))).toHaveLength(40);
    await committed();
    expect(did.filter((what) => what === "change")).toHaveLength(20);
    expect(did.filter((what) => what.startsWith("read message"))).toHaveLength(20);
  });

  it("[INBOX-3] a change answers with what it returns, and fails alone", async () => {
    const { inbox, did, committed } = inboxOf();
    expect(await inbox.submit(() => 1)).toBe(1);
    const failing = expect(
      inbox.submit(() => {
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    const next = inbox.submit(() => did.push("next"));
    await committed();
    await failing;
    await next;
    expect(did).toEqual(["end", "commit", "next", "end", "commit"]);
  });

  it("[INBOX-6] what comes alone waits for no commit, what follows shortly after does", async () => {
    const { did, frame, committed, quiet } = quietInbox();
    frame("a", () => did.push("change a"));
    expect(did.splice(0)).toEqual(["read a", "act a", "change a", "end"]);
    vi.setSystemTime(1_000_040);
    frame("b", () => did.push("change b"));
    frame("c", () => did.push("change c"));
    expect(did.splice(0)).toEqual(["read b", "act b", "change b", "end", "commit"]);
    await committed();
    expect(did.splice(0)).toEqual(["read c", "act c", "change c", "end", "commit"]);
    await committed();
    vi.setSystemTime(1_000_140);
    frame("d", () => did.push("change d"));
    expect(did.splice(0)).toEqual(["read d", "act d", "change d", "end"]);
    expect(quiet).toEqual([true, false, false, true]);
  });
});
