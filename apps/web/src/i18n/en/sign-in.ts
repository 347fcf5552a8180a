/** Texts of the sign-in. */
export const signIn = {
  "sign_in.title": "Who are you?",
  "sign_in.hint": "Three demo people, for development on this machine. Nothing to type.",
  "sign_in.as": "Sign in as {name}",
  "sign_in.other_window": "Open {name} in another window",
  "sign_in.none": "You are not signed in",
  "sign_in.none_hint": "Open this chat from the app that you came from: it signs you in.",
  "sign_in.ended": "Your session has ended. Sign in again.",
  "sign_in.out": "Sign out",
} as const;
