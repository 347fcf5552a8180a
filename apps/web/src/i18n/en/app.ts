/** Texts of the frame: what is around the list, the room and the panels. */
export const app = {
  "app.title": "Chat",
  "app.back": "Back",
  "app.close": "Close",
  "app.cancel": "Cancel",
  "app.save": "Save",
  "app.retry": "Try again",
  "app.loading": "Loading",
  "app.more": "More",
  "app.dismiss": "Dismiss",
  "app.skip": "Skip to the conversation",
  "app.nothing_open": "Your conversations",
  "app.nothing_open_hint": "Choose one from the list, or start a new one.",
  "app.offline": "You are offline. What you send waits until you are back.",
  "app.reconnecting": "Connecting…",
  "app.failed": "Something went wrong: {reason}",
  "app.panel_failed": "This part of the page could not be loaded.",
} as const;
