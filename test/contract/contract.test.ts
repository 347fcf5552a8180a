/** The contract, one module for each part of it. One file for vitest, because each file costs a start of the runtime. */
import { afterEach, vi } from "vitest";
import { closeGuideSockets } from "./guide-stage.ts";
import { closeSockets } from "./kit.ts";
import "./deleting.ts";
import "./editing.ts";
import "./authorisation.ts";
import "./authorisation-rooms.ts";
import "./authorisation-safety.ts";
import "./capabilities.ts";
import "./conversations.ts";
import "./guide.ts";
import "./guide-sockets.ts";
import "./interleavings.ts";
import "./marks.ts";
import "./membership.ts";
import "./mentions.ts";
import "./messages.ts";
import "./open-history.ts";
import "./pins.ts";
import "./preferences.ts";
import "./presence.ts";
import "./privacy.ts";
import "./reactions.ts";
import "./reading.ts";
import "./redaction.ts";
import "./requests.ts";
import "./roles.ts";
import "./rooms.ts";
import "./rooms-pace.ts";
import "./rooms-bans.ts";
import "./sockets.ts";
import "./typing.ts";
import "./unread.ts";
import "./values.ts";

// A line for each of thousands of requests costs a fifth of the time; warnings and errors are still shown.
vi.spyOn(console, "log").mockReturnValue();

afterEach(() => {
  vi.useRealTimers();
  closeSockets();
  closeGuideSockets();
});
