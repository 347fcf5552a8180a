/** The page's service worker. */

/** Its address, with the options of push. */
export const WORKER = "/service-worker.js?home=/";

/** Registers the worker once the page has loaded, so that it takes nothing from the first load. Without it the page works, online. */
export function registerWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  const register = () => void navigator.serviceWorker.register(WORKER).catch(() => undefined);
  if (document.readyState === "complete") register();
  else window.addEventListener("load", register, { once: true });
}
