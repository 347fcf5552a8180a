/** Where a run takes place: five people with six devices and five phones, and four conversations. */
import { faults } from "../worker/faults.ts";
import { conversationObject, hubObject } from "../worker/kit.ts";
import { Actor, type Somebody } from "./actor.ts";
import { makeFilters } from "./filters.ts";
import { Ledger, Possible } from "./ledger.ts";
import { SAFETY } from "./options.ts";
import { handOut } from "./phones.ts";

export interface World {
  actors: Actor[];
  /** Devices that follow everything, one of each person: to ask and to act over REST. */
  people: Actor[];
  /** Everybody of the beginning, in their order, also who was erased since. */
  readonly cast: readonly Actor[];
  /** A direct chat, two groups, and a direct chat that is a request. */
  conversations: string[];
  ledger: Ledger;
}

let counter = 0;

function somebody(name: string): Somebody {
  counter += 1;
  return { user_id: crypto.randomUUID(), username: `${name}${counter}` };
}

/** The five of a run, each known to the directory. */
async function gather(): Promise<Actor[]> {
  const keeps = [undefined, undefined, 5, undefined, undefined];
  const actors = keeps.map((keep_messages, index) => {
    const auth = index % 2 === 0 ? "ticket" : "token";
    const hasStore = index % 2 === 1;
    return new Actor(somebody(`user${index}-`), { auth, hasStore, ...(keep_messages && { keep_messages }) });
  });
  await Promise.all(actors.map((actor) => actor.client.rest.me()));
  return actors;
}

/** A direct chat that is a request. */
async function beginRequest(asker: Actor, asked: Actor) {
  faults.settings = { MESSAGE_REQUESTS: "on" };
  return await asker.client.rest.createDirect(asked.who.user_id).finally(() => {
    faults.settings = {};
  });
}

/** Sets the scene. */
export async function createWorld(): Promise<World> {
  await makeFilters();
  const people = await gather();
  const [ann, bob, cat, dan, eve] = people as [Actor, Actor, Actor, Actor, Actor];
  const ids = (...some: Actor[]) => some.map((actor) => actor.who.user_id);
  const made = await Promise.all([
    ann.client.rest.createDirect(bob.who.user_id),
    ann.client.rest.createGroup({ name: "First", participant_ids: ids(bob, cat, dan) }),
    cat.client.rest.createGroup({ name: "Second", participant_ids: ids(ann, dan, eve) }),
  ]);
  const asked = SAFETY ? await beginRequest(dan, eve) : undefined;
  if (asked) made.push(asked);
  const conversations = made.map((conversation) => conversation.conversation_id);
  const tablet = new Actor(ann.who, { auth: "token", conversation_id: conversations[1] ?? "" });
  const world = { actors: [...people, tablet], people, cast: people, conversations, ledger: new Ledger() };
  const [asker_id, asked_id] = [dan.who.user_id, eve.who.user_id];
  if (asked)
    world.ledger.request = { conversation_id: asked.conversation_id, asker_id, asked_id, isUnaccepted: true };
  for (const { conversation_id, participants } of made) {
    for (const { who } of people) {
      const isIn = participants.some((one) => one.user_id === who.user_id);
      possible(world, conversation_id, who.user_id, isIn);
    }
  }
  await handOut(
    people.map(({ who }) => who),
    world.ledger.push,
  );
  for (const actor of world.actors) actor.client.start();
  return world;
}

/** Whether somebody is in a conversation, as far as is known. */
export function possible(world: World, conversationId: string, userId: string, initial = false) {
  const key = `${conversationId} ${userId}`;
  const known = world.ledger.members.get(key) ?? new Possible(initial);
  world.ledger.members.set(key, known);
  return known;
}

/** The objects of a run. */
export function objectsOf(world: World) {
  return {
    conversations: world.conversations.map(conversationObject),
    hubs: world.people.map((actor) => hubObject(actor.who.user_id)),
  };
}
