// All that the page knows, in one object. Whoever shows it is called at most ten times a second.

import { ask } from "./control.js";
import { follow } from "./events.js";

const LEAST_BETWEEN_RENDERS = 100;
const MOST_REQUESTS = 500;

export const store = {
  /** "starting", "ready", "locked" when a token is asked for, "failed" when the page cannot work. */
  phase: "starting",
  /** Whether the mock answers. */
  live: false,
  failure: "",
  /** Why something that was asked for last was not done, where no field can say it. */
  notice: "",
  /** What the control API calls the state. */
  state: null,
  /** The requests that are kept, the newest first, and how many were answered in all. */
  requests: [],
  answered: 0,
  /** What is read once, when a view needs it. */
  catalogue: null,
  scenarios: null,
  contract: null,
};

let show = () => {};
let timer = 0;
let shownAt = 0;

/** Have `render` called when something has changed. */
export function onChange(render) {
  show = render;
}

export function change(parts) {
  Object.assign(store, parts);
  if (timer) return;
  const wait = shownAt + LEAST_BETWEEN_RENDERS - performance.now();
  timer = setTimeout(
    () => {
      timer = 0;
      shownAt = performance.now();
      show();
    },
    Math.max(0, wait),
  );
}

// --- what the mock tells --------------------------------------------------------------------------

export function start() {
  follow({ opened, happened, lost: () => change({ live: false }), refused });
}

async function opened() {
  const state = await ask("GET", "/state");
  // It may be another mock by now.
  have(state);
  change({
    requests: [],
    catalogue: null,
    scenarios: null,
    contract: null,
    phase: "ready",
    live: true,
    notice: "",
  });
}

function have(state) {
  change({ state, answered: state.requests });
}

function refused(error) {
  const phase = error.status === 401 ? "locked" : "failed";
  change({ phase, live: false, failure: error.message });
}

function happened(events) {
  let requests = store.requests;
  const news = [];
  for (const event of events) {
    if (event.kind === "request") news.push(event);
    if (event.what === "reset" || event.what === "requests forgotten") {
      requests = [];
      news.length = 0;
    }
  }
  const answered = store.answered + news.filter((each) => each.number > store.state.newest).length;
  change({ answered, requests: [...news.reverse(), ...requests].slice(0, MOST_REQUESTS) });
  if (events.some(mayHaveChangedTheState)) refresh();
}

function mayHaveChangedTheState(event) {
  const { behaviour, scenario } = store.state;
  const counts = behaviour.next !== null || scenario !== null || event.behaviour;
  return event.kind !== "request" || event.method !== "GET" || counts;
}

let refreshing = null;
let isStale = false;

/** Read the state anew: one reading at a time, and a pause after it that is longer than it took. */
export function refresh() {
  isStale = true;
  refreshing ||= readUntilFresh().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function readUntilFresh() {
  while (isStale) {
    isStale = false;
    const began = performance.now();
    try {
      have(await ask("GET", "/state"));
    } catch {
      return; // the stream of events notices, too
    }
    const pause = Math.max(LEAST_BETWEEN_RENDERS, 4 * (performance.now() - began));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Read what a view needs and nothing changes. */
export async function need(name, path) {
  if (store[name]) return;
  try {
    change({ [name]: await ask("GET", path) });
  } catch {
    // it is read when the connection is back
  }
}

/** Ask the mock to do something, and say above the view why it was not done, if it was not. */
export async function attempt(method, path) {
  try {
    await act(method, path);
  } catch (error) {
    change({ notice: error.message });
  }
}

/** Ask the mock to do something, and have what it became. Throws what `ask` throws. */
export async function act(method, path, body) {
  const answer = await ask(method, path, body);
  change({ notice: "" });
  have(await ask("GET", "/state"));
  return answer;
}
