/** What an app may say of its notifications. */
export interface PushWorkerOptions {
  /** What a message says that cannot be read; "New message". */
  title?: string;
  /** The address of a picture for every notification. */
  icon?: string;
  /** The address of a small picture of one colour, for the status bar of Android. */
  badge?: string;
  /** The address that a click opens where the notification names none; the scope of the worker. */
  home?: string;
  /** The server's key (`Push.vapidKey`), for browsers that do not say the old one when a subscription has ended. */
  vapid_key?: string;
}
