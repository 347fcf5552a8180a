/**
 * The push worker and the page in a real Chromium (`npm run test:browser`): messages come as from a push service, what is
 * shown is read from the browser and from the desktop, and clicks are clicks.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { eventually, Stage, type Tab } from "./stage.ts";

const ANN = "00000000-0000-4000-8000-00000000000a";
const ID = "9f1c2ab4-77de-8a01-b3c4-000000000000";
const OTHER = "1f1c2ab4-77de-8a01-b3c4-000000000000";

let stage: Stage;
before(async () => {
  stage = await Stage.open();
});
after(async () => {
  await stage?.close();
});

/** A message about a conversation, as the server sends it. */
function message(seq: number, { id = ID, title = `message ${seq}`, ...more }: Record<string, unknown> = {}) {
  const { app_badge, cleared, ...notification } = more;
  return {
    web_push: 8030,
    notification: {
      ...{ title, body: "Hello", tag: id, navigate: `${stage.site.origin}/c/${id}` },
      data: {
        type: "message",
        conversation_id: id,
        message_id: null,
        seq,
        unread: 1,
        ...(cleared ? { cleared } : {}),
      },
      ...notification,
    },
    ...(app_badge === undefined ? {} : { app_badge }),
  };
}

/** The server tells the page that its user has read up to a place. */
const read = (tab: Tab, conversation_id: string, seq: number) =>
  tab.page.evaluate(
    ([conversation_id, seq, user_id, message_id]) => {
      const data = { message_id, up_to: true, user_id, status: "read", timestamp: new Date().toISOString() };
      window.chat.hear({ type: "message.receipt", conversation_id, data, seq });
    },
    [
      conversation_id,
      seq,
      ANN,
      conversation_id.replace(/0{12}$/, seq.toString(16).padStart(12, "0")),
    ] as const,
  );

describe("push in a browser", () => {
  afterEach(async () => {
    assert.deepEqual(stage.complaints, []);
    const [page] = stage.pages();
    if (page) await (await stage.page()).clear();
  });

  it("[R27 BROWSER-1] a message is shown, on the screen too", async () => {
    const tab = await stage.page();
    await tab.push(message(1));
    await tab.shows("message 1");
    const [listed] = await tab.listed();
    assert.equal(listed?.icon, `${stage.site.origin}/icon.png`);
    assert.deepEqual([listed?.body, listed?.tag, listed?.data.seq], ["Hello", ID, 1]);
    const note = await eventually(() => stage.desktop.note("message 1"));
    assert.match(note.body, /Hello/);
  });

  it("[R27 BROWSER-2] the next one of a conversation replaces it, an older one does not", async () => {
    const tab = await stage.page();
    await tab.push(message(2));
    await tab.push(message(1, { id: OTHER, title: "other" }));
    await tab.shows("message 2", "other");
    await tab.push(message(4));
    await tab.shows("other", "message 4");
    await tab.push(message(3));
    // The newer one is shown again, without a sound.
    await eventually(() => stage.desktop.history.filter((title) => title === "message 4").length === 2);
    await tab.push(message(2, { id: OTHER, title: "other 2" }));
    await tab.shows("message 4", "other 2");
  });

  it("[R27 BROWSER-3] what the payload says was read elsewhere is closed", async () => {
    const tab = await stage.page();
    await tab.push(message(5));
    await tab.push(message(6, { id: OTHER, title: "other", cleared: { [ID]: 4 } }));
    await tab.shows("message 5", "other");
    await tab.push(message(7, { id: OTHER, title: "other 2", cleared: { [ID]: 5 } }));
    await tab.shows("other 2");
  });

  it("[R27 BROWSER-4] what is read in the page is closed, and only that", async () => {
    const tab = await stage.page();
    await tab.page.evaluate(
      ([conversation_id, user_id]) => {
        const member = { user_id, username: "ann", display_name: "Ann", profile_photo_url: null };
        const data = {
          ...{
            conversation_id,
            type: "group",
            name: null,
            photo_url: null,
            description: null,
            created_by: user_id,
          },
          ...{ created_at: new Date().toISOString(), participant_count: 1, settings: {}, seq: 1 },
          participants: [{ ...member, role: "member", is_owner: true }],
        };
        window.chat.hear({ type: "conversation.created", conversation_id, seq: 1, data });
      },
      [ID, ANN] as const,
    );
    await tab.push(message(8));
    await tab.push(message(8, { id: OTHER, title: "other" }));
    await tab.shows("message 8", "other");
    await read(tab, ID, 7);
    await tab.shows("message 8", "other");
    await read(tab, ID, 8);
    await tab.shows("other");
    // A push that was on its way: it is shown, as browsers demand, and goes again.
    await tab.push(message(8));
    await eventually(() => stage.desktop.history.filter((title) => title === "message 8").length === 2);
    await tab.shows("other");
  });

  it("[R27 BROWSER-5] what the user looks at is not shown; another conversation is, and so is all behind another page", async () => {
    const tab = await stage.page();
    await tab.page.bringToFront();
    await tab.page.evaluate((id) => window.chat.push.setConversation(id), ID);
    await eventually(() => tab.page.evaluate((id) => window.chat.push.isOnScreen(id), ID));
    await tab.push(message(10));
    await tab.push(message(11, { id: OTHER, title: "other" }));
    await tab.shows("other");
    // Long enough for the browser to show one of its own, if it missed ours.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.deepEqual(stage.desktop.titles(), ["other"]);
    const front = await stage.page("/sign-in", { beside: true });
    await front.page.bringToFront();
    await eventually(() => tab.page.evaluate((id) => !window.chat.push.isOnScreen(id), ID));
    await tab.push(message(12));
    await tab.shows("other", "message 12");
  });

  it("[R27 BROWSER-6] a message that nobody can read still shows one notification", async () => {
    const tab = await stage.page();
    for (const broken of [
      "",
      "{",
      "hello",
      "null",
      '{"title":"of another"}',
      '{"web_push":8030,"notification":[]}',
    ]) {
      const before = stage.desktop.history.length;
      await tab.push(broken);
      await eventually(() => stage.desktop.history.length === before + 1);
      await tab.shows("New message");
    }
  });

  it("[R27 BROWSER-7] a click opens the conversation in the page that is there", async () => {
    const tab = await stage.page();
    const empty = await stage.page("/sign-in", { beside: true });
    await empty.page.bringToFront();
    await eventually(() => tab.page.evaluate(() => document.visibilityState === "hidden"));
    await tab.push(message(13));
    stage.desktop.click(await eventually(() => stage.desktop.note("message 13")));
    const opened = await eventually(() => tab.page.evaluate(() => window.chat.opened[0]));
    assert.deepEqual(opened, {
      conversation_id: ID,
      message_id: null,
      navigate: `${stage.site.origin}/c/${ID}`,
    });
    await eventually(() => tab.page.evaluate(() => document.visibilityState === "visible"));
    await tab.shows();
    assert.equal(stage.pages().length, 2);
  });

  it("[R27 BROWSER-8] a click without the app opens its address", async () => {
    const tab = await stage.page();
    await tab.page.goto(`${stage.site.origin}/sign-in`);
    await tab.push(message(14));
    stage.desktop.click(await eventually(() => stage.desktop.note("message 14")));
    const address = `${stage.site.origin}/c/${ID}`;
    await eventually(() => stage.pages().some((page) => page.url() === address));
  });

  it("[R27 BROWSER-9] the icon shows the unread total: the worker's, then the page's", async () => {
    const tab = await stage.page();
    const manifestId = `${stage.site.origin}/`;
    const badge = async () => (await stage.ask("PWA.getOsAppState", { manifestId })).badgeCount;
    await stage.ask("PWA.install", { manifestId, installUrlOrBundleUrl: manifestId });
    await tab.push(message(15, { app_badge: 7 }));
    await eventually(async () => (await badge()) === 7);
    await tab.page.evaluate(() => window.chat.hear({ type: "unread.total", data: { messages: 3 } }));
    await eventually(async () => (await badge()) === 3);
    await tab.push(message(16, { app_badge: 0 }));
    await eventually(async () => (await badge()) === 0);
  });

  it("[R27 BROWSER-10] a worker of an app's own, as a module, does the same", async () => {
    const tab = await stage.page();
    await tab.page.evaluate(async () => {
      await navigator.serviceWorker.register("/own/worker.js", { type: "module" });
    });
    await tab.push("{", "/own/");
    const listed = await eventually(async () => (await tab.listed("/own/"))[0]);
    assert.equal(listed.title, "From my own worker");
  });

  it("[R27 BROWSER-12] many that come together, as after a night without a network, are all shown and can all be closed", async () => {
    const tab = await stage.page();
    const ids = Array.from({ length: 8 }, (_, index) => OTHER.replace(/^./, String(index)));
    await Promise.all(ids.map((id, index) => tab.push(message(1, { id, title: `night ${index}` }))));
    await tab.shows(...ids.map((_, index) => `night ${index}`));
    const cleared = Object.fromEntries(ids.map((id) => [id, 1]));
    await tab.push(message(18, { title: "morning", cleared }));
    await tab.shows("morning");
  });

  it("[R27 BROWSER-11] logging out leaves nothing on the screen", async () => {
    const tab = await stage.page();
    await tab.push(message(17));
    await tab.shows("message 17");
    // The site knows no devices, and says something that is no error of the service.
    await tab.page.evaluate(() => window.chat.push.logOut().catch(() => undefined));
    await tab.shows();
    assert.equal(await tab.page.evaluate(() => window.chat.client.status), "idle");
  });
});
