// Small parts that several views are made of.

import { html, useEffect, useRef, useState } from "./dom.js";

/** A search field, which `/` leads to and Escape empties. */
export function Search({ label, value, onInput, hint }) {
  const onKeyDown = (event) => {
    if (event.key !== "Escape") return;
    if (value) onInput("");
    else event.target.blur();
    event.preventDefault();
  };
  return html`<label class="search">
    <span class="unseen">${label}</span>
    <input
      type="search"
      placeholder=${hint ?? label}
      autocomplete="off"
      spellcheck=${false}
      value=${value}
      onInput=${(event) => onInput(event.target.value)}
      onKeyDown=${onKeyDown}
    />
    <kbd aria-hidden="true">/</kbd>
  </label>`;
}

/** A button that copies a text, and says so. */
export function Copy({ text, label = "Copy" }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(""), 1500);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("Not permitted");
    }
  };
  return html`<button type="button" class="quiet" onClick=${copy} aria-live="polite">${said || label}</button>`;
}

/** A button that has to be pressed twice; looking elsewhere takes the first time back. */
export function Twice({ label, question, act, kind = "quiet" }) {
  const [asked, setAsked] = useState(false);
  const press = () => {
    setAsked(!asked);
    if (asked) act();
  };
  return html`<button
    type="button"
    class=${asked ? "danger" : kind}
    onClick=${press}
    onBlur=${() => setAsked(false)}
    onKeyDown=${(event) => event.key === "Escape" && setAsked(false)}
  >
    ${asked ? question : label}
  </button>`;
}

/** A field with its label, and below it what is wrong with it. */
export function Field({ id, label, error, hint, children }) {
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${children}
    ${error && html`<p class="error" id=${`${id}-error`} role="alert">${error}</p>`}
    ${!error && hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

/** The attributes of an input in a Field. */
export function described(id, error, hint) {
  return {
    id,
    "aria-invalid": error ? "true" : undefined,
    "aria-describedby": error ? `${id}-error` : hint && `${id}-hint`,
  };
}

/** A place where something will be, or could be. */
export function Empty({ title, children }) {
  return html`<div class="empty"><p class="title">${title}</p>${children}</div>`;
}

/** Lines that stand for what is still being read. */
export function Loading({ rows = 5 }) {
  const widths = ["w60", "w80", "w45", "w70", "w55"];
  return html`<div class="loading" role="status" aria-label="Loading">
    ${Array.from({ length: rows }, (_, index) => html`<div class=${widths[index % widths.length]}></div>`)}
  </div>`;
}

export function Json({ text, label }) {
  return html`<pre tabindex="0" role="region" aria-label=${label}><code>${text}</code></pre>`;
}

/** The status of an answer, in the tone of its class. */
export function Status({ status }) {
  const tone = status < 400 ? "good" : status < 500 ? "warn" : "bad";
  return html`<span class="status ${tone}">${status}</span>`;
}

/** A value that is what was asked for until it is stored; `store` says whether the mock has taken it. */
export function useWanted(stored, store) {
  const [wanted, setWanted] = useState(null);
  useEffect(() => setWanted(null), [stored]);
  const want = async (value) => {
    setWanted(value);
    if (!(await store(value))) setWanted(null);
  };
  return [wanted ?? stored, want];
}

/** A function that has the keys for up and down lead from row to row of the element that it is given to. */
export function useRows(selector) {
  return (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    const isText = event.target.matches("input, select, textarea");
    if (!step || event.altKey || event.ctrlKey || event.metaKey || !event.target.matches(selector)) return;
    if (isText && !Number.isFinite(step)) return;
    const all = [...event.currentTarget.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    const place = Math.min(Math.max(all.indexOf(event.target) + step, 0), all.length - 1);
    all[place].focus();
    event.preventDefault();
  };
}

/** A dialog that is open as long as it is there. */
export function Dialog({ label, onClose, kind, children }) {
  const dialog = useRef();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    dialog.current.focus(); // what it says, not its first button
    return () => before?.isConnected && before.focus();
  }, []);
  return html`<dialog
    ref=${dialog}
    class=${kind}
    tabindex="-1"
    aria-label=${label}
    onClose=${onClose}
    onClick=${(event) => event.target === dialog.current && dialog.current.close()}
  >
    <div class="inside">${children}</div>
  </dialog>`;
}
