// The page: where one is, what is said above each view, and the keys that work everywhere.

import { Accounts } from "./accounts.js";
import { Behaviour } from "./behaviour.js";
import { hasToken, unlock } from "./control.js";
import { html, render, useEffect, useState } from "./dom.js";
import { inForce } from "./format.js";
import { Lines } from "./lines.js";
import { Copy, Dialog, described, Field, Loading, Twice } from "./parts.js";
import { Reference } from "./reference.js";
import { OpenedRequest } from "./request.js";
import { Requests } from "./requests.js";
import { Scenarios } from "./scenarios.js";
import { attempt, change, onChange, start, store } from "./store.js";

const VIEWS = {
  "": "Sandbox",
  behaviour: "Behaviour",
  accounts: "Accounts",
  scenarios: "Scenarios",
  reference: "Reference",
};

/** The view that the address names, and what it says beyond that. */
function place() {
  const [, view = "", rest = ""] = location.hash.split("/");
  const detail = decodeURIComponent(rest);
  if (view === "requests") return { view: "", opened: Number(detail) };
  return view in VIEWS ? { view, detail } : { view: "", detail: "" };
}

function Page() {
  const { phase } = store;
  const isReady = phase === "ready";
  const { view, detail, opened } = place();
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  useEffect(() => {
    document.title = view ? `${VIEWS[view]} · linq-mock` : "linq-mock";
  }, [view]);
  useEffect(() => {
    const onKeyDown = (event) => onKey(event, () => setIsHelpOpen(true));
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  return html`<a class="skip" href="#main" onClick=${skip}>To the content</a>
    <${Header} view=${view} onHelp=${() => setIsHelpOpen(true)} />
    <${Connection} />
    <main id="main" tabindex="-1">
      ${phase === "starting" && html`<section class="card"><${Loading} rows=${6} /></section>`}
      ${phase === "locked" && html`<${Locked} />`}
      ${phase === "failed" && html`<${Failed} />`}
      ${
        isReady &&
        html`<fieldset class="all" disabled=${!store.live}>
        <${View} view=${view} detail=${detail} opened=${opened} />
      </fieldset>`
      }
    </main>
    ${
      isReady &&
      opened &&
      html`<${OpenedRequest}
      number=${opened}
      requests=${store.requests}
      baseUrl=${store.state.base_url}
    />`
    }
    ${isHelpOpen && html`<${Help} onClose=${() => setIsHelpOpen(false)} />`}`;
}

function View({ view, detail, opened }) {
  const [account, setAccount] = useState("");
  switch (view) {
    case "behaviour":
      return html`<${Behaviour} store=${store} query=${detail} />`;
    case "accounts":
      return html`<${Accounts} state=${store.state} />`;
    case "scenarios":
      return html`<${Scenarios} store=${store} />`;
    case "reference":
      return html`<${Reference} store=${store} place=${detail} />`;
    default:
      return html`<div class="sandbox">
        <${Lines} accounts=${store.state.accounts} name=${account} onName=${setAccount} />
        <${Requests} store=${store} opened=${opened} />
      </div>`;
  }
}

// --- above every view -----------------------------------------------------------------------------

function Header({ view, onHelp }) {
  const { state, phase } = store;
  return html`<header class="top">
    <h1><a href="#/">linq<span>mock</span></a></h1>
    <nav aria-label="Views">
      ${Object.entries(VIEWS).map(
        ([name, title]) =>
          html`<a href=${`#/${name}`} aria-current=${name === view ? "page" : undefined}>${title}</a>`,
      )}
    </nav>
    <div class="aside">
      ${phase === "ready" && html`<${InForce} state=${state} />`}
      ${
        phase === "ready" &&
        html`<code class="base">${state.base_url}</code>
        <${Copy} text=${state.base_url} />
        <${Twice} label="Reset" question="Reset all?" act=${() => attempt("POST", "/reset")} />`
      }
      <button type="button" class="quiet" aria-label="Keys" onClick=${onHelp}>?</button>
    </div>
  </header>`;
}

function InForce({ state }) {
  const own = Object.values(state.account_behaviours).flatMap(inForce);
  const all = [...inForce(state.behaviour), ...own];
  if (!all.length) return html`<a class="mood" href="#/behaviour"><span class="dot"></span> Honest</a>`;
  const text = all.join(", ");
  return html`<a class="mood varied" href="#/behaviour" title=${text}>
    <span class="dot"></span><span class="cut">${text}</span>
  </a>`;
}

function Connection() {
  const isLost = store.phase === "ready" && !store.live;
  const { notice } = store;
  return html`<div role="status" aria-live="polite" class="connection">
    ${
      isLost &&
      html`<p>
      <strong>The mock does not answer.</strong> This is what it last said; the page goes on by itself when it
      is back.
    </p>`
    }
    ${!isLost && notice && html`<p>${notice}</p>`}
  </div>`;
}

function Failed() {
  return html`<section class="card">
    <h2>This does not work</h2>
    <p class="error">${store.failure}</p>
  </section>`;
}

function Locked() {
  const [token, setToken] = useState("");
  const error = hasToken() ? "This is not the token that the mock was started with." : "";
  const go = (event) => {
    event.preventDefault();
    if (!token) return;
    unlock(token);
    change({ phase: "starting" });
    start();
  };
  const hint = "What --control or LINQ_MOCK_CONTROL_TOKEN was given. It is forgotten with this tab.";
  return html`<section class="card narrow">
    <h2>This mock asks for its control token</h2>
    <form onSubmit=${go} novalidate>
      <${Field} id="control-token" label="Token" error=${error} hint=${hint}>
        <input
          ...${described("control-token", error, hint)}
          type="password"
          autocomplete="off"
          value=${token}
          onInput=${(event) => setToken(event.target.value)}
        />
      <//>
      <p class="buttons"><button>Go on</button></p>
    </form>
  </section>`;
}

function Help({ onClose }) {
  const keys = [
    ["/", "to the search of a view"],
    ["↑ ↓", "from row to row, Home and End to the ends"],
    ["Enter", "opens a request, and sets what was written"],
    ["Esc", "closes, empties a search, takes back what was written"],
    ["?", "shows this"],
  ];
  return html`<${Dialog} label="Keys" kind="help" onClose=${onClose}>
    <h2>Keys</h2>
    <dl class="keys">
      ${keys.map(
        ([key, what]) => html`<div>
          <dt><kbd>${key}</kbd></dt>
          <dd>${what}</dd>
        </div>`,
      )}
    </dl>
    <p class="buttons"><button type="button" onClick=${onClose}>Close</button></p>
  <//>`;
}

// --- keys -----------------------------------------------------------------------------------------

function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

function onKey(event, help) {
  if (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.target.closest("input, textarea, select, dialog")
  )
    return;
  const search = document.querySelector("main input[type=search]");
  if (event.key === "/" && search) {
    search.focus();
    search.select();
    event.preventDefault();
  }
  if (event.key === "?") help();
}

onChange(() => render(html`<${Page} />`, document.getElementById("page")));
window.addEventListener("hashchange", () => change({}));
change({});
start();
