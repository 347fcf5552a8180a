/**
 * The backend of a shop: each order has a conversation between the customer and the seller, which the shop opens, writes
 * into as the system, and closes. A small Hono app; nobody has to sign in to the chat before.
 */
import { ApiError, ChatServer, userToken } from "@rocket-chat-api/server";
import { Hono } from "hono";

/** Somebody whom the shop knows, by the shop's own id. */
interface Person {
  id: string;
  name: string;
}

interface Order {
  number: number;
  customer: Person;
  seller: Person;
}

export interface ShopOptions {
  /** The chat service. */
  url: string;
  /** `JWT_SECRET` of the chat service. With an API key the shop would need no secret. */
  secret: string;
}

/** Builds the shop. */
export function createShop({ url, secret }: ShopOptions) {
  const chat = new ChatServer({ url, secret, subject: "shop" });
  const shop = new Hono();
  shop.onError((error, c) => {
    // What the chat refuses is the caller's to know; anything else is ours.
    if (error instanceof ApiError && error.status < 500) return c.json({ error: error.message }, 409);
    return c.json({ error: "The shop cannot do this now" }, 502);
  });
  const conversationOf = async (number: string) =>
    (await chat.findConversation(`order-${number}`)).conversation_id;

  /** An order is placed: the customer and the seller can talk about it from now on. */
  shop.post("/orders", async (c) => {
    const { number, customer, seller } = await c.req.json<Order>();
    const people = [customer, seller];
    await chat.putUsers(people.map(({ id, name }) => ({ user_id: `ext:${id}`, display_name: name })));
    const { conversation_id } = await chat.createConversation({
      type: "group",
      participants: people.map(({ id }) => `ext:${id}`),
      external_id: `order-${number}`,
      name: `Order ${number}`,
      metadata: { order: number, state: "placed" },
    });
    await chat.sendMessage(conversation_id, {
      system: { event: "order.placed", params: { order: number } },
      content: `Order ${number} was placed`,
      client_message_id: "placed",
    });
    return c.json({ conversation_id }, 201);
  });

  /** Somebody writes by a form of the shop, without an app of the chat. */
  shop.post("/orders/:number/messages", async (c) => {
    const { from, text } = await c.req.json<{ from: string; text: string }>();
    const conversation_id = await conversationOf(c.req.param("number"));
    const said = await chat.as(`ext:${from}`).sendMessage({ conversation_id, type: "text", content: text });
    return c.json({ message_id: said.message_id }, 201);
  });

  /** The messages of an order, as one of the two reads them. */
  shop.get("/orders/:number/messages", async (c) => {
    const conversation_id = await conversationOf(c.req.param("number"));
    const reader = chat.as(`ext:${c.req.query("as") ?? ""}`);
    const { messages } = await reader.listMessages({ conversation_id, limit: 50 });
    return c.json(
      messages.reverse().map(({ sender, content }) => ({ from: sender.display_name, text: content })),
    );
  });

  /** The order is done: everybody can read on, nobody writes any more. */
  shop.post("/orders/:number/close", async (c) => {
    const number = Number(c.req.param("number"));
    const conversation_id = await conversationOf(c.req.param("number"));
    await chat.sendMessage(conversation_id, {
      system: { event: "order.closed", params: { order: number } },
      content: `Order ${number} is closed`,
      client_message_id: "closed",
    });
    await chat.updateConversation(conversation_id, {
      settings: { only_admins_can_send: true },
      metadata: { order: number, state: "closed" },
    });
    return c.json({ conversation_id });
  });

  /** A token for the chat in the customer's app, after the shop has signed them in. */
  shop.post("/login/:id", async (c) =>
    c.json({ token: await userToken({ secret, sub: c.req.param("id") }) }),
  );
  return shop;
}
