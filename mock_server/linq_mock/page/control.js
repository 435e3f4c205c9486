// The control API, asked with fetch.

const PATH = "/_mock";
const STORED = "linq-mock-control-token";

/** An answer that says no; its message is meant for people. */
export class RefusedError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** There was no answer. */
export class LostError extends Error {}

/** Keep the token of the control API for as long as this tab is open. */
export function unlock(token) {
  sessionStorage.setItem(STORED, token);
}

export function hasToken() {
  return sessionStorage.getItem(STORED) !== null;
}

/** Return the answer to a request of the control API. Throws LostError or RefusedError. */
export async function ask(method, path, body) {
  const headers = { ...credentials() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await sent(`${PATH}${path}`, { method, headers, body: JSON.stringify(body) });
  return response.status === 204 ? null : response.json();
}

/** Open the stream of events, from the first that is kept, and return a reader of its text. */
export async function openEvents(signal) {
  const headers = { ...credentials(), "Last-Event-ID": "0" };
  const response = await sent(`${PATH}/events`, { headers, signal });
  return response.body.pipeThrough(new TextDecoderStream()).getReader();
}

/** Send a request to the mocked API itself, as a program would; its answer shows among the requests. */
export async function get(path, account) {
  await fetch(path, { headers: { Authorization: `Bearer ${account.token}` } }).catch(() => {});
}

function credentials() {
  const token = sessionStorage.getItem(STORED);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function sent(path, request) {
  let response;
  try {
    response = await fetch(path, request);
  } catch (error) {
    throw new LostError(error.message);
  }
  if (!response.ok) throw new RefusedError(response.status, await reason(response));
  return response;
}

async function reason(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return `The mock answered with ${response.status}.`;
  }
}
