// Values as text. Nothing here makes markup: what comes from requests stays text.

/** "14:03:27" of a time in ISO 8601, on the clock of whoever looks. */
export function clock(at) {
  return new Date(at).toLocaleTimeString("en-GB", { hour12: false });
}

/** ".120", which follows on the clock. */
export function milliseconds(at) {
  return `.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;
}

export function duration(seconds) {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  const milliseconds = seconds * 1000;
  return `${milliseconds >= 10 ? Math.round(milliseconds) : milliseconds.toFixed(1)} ms`;
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const DECEPTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A text whose characters that cannot be seen, or turn others around, are written as escapes. */
export function visible(text) {
  return text.replace(DECEPTIVE, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A body, with indentation when it is JSON. */
export function body(text) {
  try {
    return visible(JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    return visible(text);
  }
}

/** What the paths of the mocked API begin with; may be empty. */
export function basePath(baseUrl) {
  return new URL(baseUrl).pathname.replace(/\/$/, "");
}

export function shortPath(path, baseUrl) {
  const base = basePath(baseUrl);
  return visible(base && path.startsWith(`${base}/`) ? path.slice(base.length) : path);
}

/** What a behaviour does, in a few words each; nothing of it is the honest server. */
export function inForce({ faults, freedoms, latency, status, retry_after, every, next }) {
  if (next === 0) return [];
  const parts = [...faults, ...freedoms];
  if (status) parts.push(retry_after === null ? `${status}` : `${status}, Retry-After ${retry_after}`);
  if (latency) parts.push(`${latency} s latency`);
  const what = parts.length > 0;
  if (what && every > 1) parts.push(`every ${ordinal(every)} request`);
  if (what && next !== null) parts.push(`${next} more`);
  return parts;
}

function ordinal(number) {
  const suffix = { 1: "st", 2: "nd", 3: "rd" }[number % 10];
  const isTeen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(!isTeen && suffix) || "th"}`;
}
