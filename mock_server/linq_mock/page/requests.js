// The requests as they come in, the newest first, each with the rules that it kept and broke.

import { get } from "./control.js";
import { html, useEffect, useState } from "./dom.js";
import { basePath, clock, duration, milliseconds, shortPath, visible } from "./format.js";
import { Copy, Empty, Search, Status, Twice, useRows } from "./parts.js";
import { attempt, need } from "./store.js";

const AT_FIRST = 60;

export function Requests({ store, opened }) {
  const { requests, answered, state } = store;
  const [search, setSearch] = useState("");
  const [onlyBroken, setOnlyBroken] = useState(false);
  const [held, setHeld] = useState(null);
  const [shown, setShown] = useState(AT_FIRST);
  const [current, setCurrent] = useState(null);
  const onKeyDown = useRows("a.row");
  const from = held ?? requests;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = from.filter((each) => (!onlyBroken || isBroken(each)) && matches(each, words));
  const tabbable = found.some((each) => each.number === current) ? current : found[0]?.number;
  const news = held ? requests.filter((each) => each.number > (held[0]?.number ?? 0)).length : 0;
  return html`<section class="card requests" aria-labelledby="requests">
    <header>
      <h2 id="requests">Requests</h2>
      <span class="count">${answered.toLocaleString("en")}</span>
      <span class="aside">
        <button
          type="button"
          class="quiet"
          aria-pressed=${String(onlyBroken)}
          onClick=${() => setOnlyBroken(!onlyBroken)}
        >
          Only broken
        </button>
        <button
          type="button"
          class="quiet"
          aria-pressed=${String(Boolean(held))}
          onClick=${() => setHeld(held ? null : requests)}
        >
          ${held ? `Go on${news ? ` (${news} new)` : ""}` : "Hold"}
        </button>
        <${Twice} label="Forget" question="Forget all?" act=${() => attempt("DELETE", "/requests")} />
      </span>
      <${Search}
        label="Search requests"
        hint="Search by path, status, account or rule"
        value=${search}
        onInput=${setSearch}
      />
    </header>
    ${from.length === 0 && html`<${NothingYet} store=${store} />`}
    ${
      from.length > 0 &&
      found.length === 0 &&
      html`<${Empty} title="Nothing matches"><p>None of the requests that are kept.</p><//>`
    }
    ${
      found.length > 0 &&
      html`<table class="log">
      <thead>
        <tr>
          <th scope="col">Request</th>
          <th scope="col">Status</th>
          <th scope="col">Rules</th>
          <th scope="col" class="wide">Account</th>
          <th scope="col" class="end">Time</th>
        </tr>
      </thead>
      <tbody onKeyDown=${onKeyDown} onFocusIn=${(event) => setCurrent(Number(event.target.dataset.number))}>
        ${found.slice(0, shown).map(
          (each) => html`<${Row}
              key=${each.number}
              request=${each}
              baseUrl=${state.base_url}
              isOpen=${each.number === opened}
              isTabbable=${each.number === tabbable}
            />`,
        )}
      </tbody>
    </table>`
    }
    ${
      found.length > shown &&
      html`<p class="more">
      <button type="button" class="quiet" onClick=${() => setShown(shown + 2 * AT_FIRST)}>
        Show older ones
      </button>
    </p>`
    }
  </section>`;
}

function Row({ request, baseUrl, isOpen, isTabbable }) {
  const path = shortPath(request.path, baseUrl);
  const { status } = request.response;
  const isTold = request.behaviour && request.behaviour !== String(status);
  return html`<tr class=${isOpen ? "open" : ""}>
    <td class="what">
      <a
        class="row"
        href=${`#/requests/${request.number}`}
        data-number=${request.number}
        tabindex=${isTabbable ? 0 : -1}
      >
        <span class="method">${visible(request.method)}</span><span class="path">${path}</span>
      </a>
      ${
        isTold &&
        html`<span class="asked" title="The behaviour that was set for this request">${request.behaviour}</span>`
      }
    </td>
    <td><${Status} status=${status} /></td>
    <td class="verdict"><${Verdict} rules=${request.rules} /></td>
    <td class="wide quietly">${request.account || "nobody"}</td>
    <td class="end quietly time" title=${`${duration(request.seconds)}, number ${request.number}`}>
      ${clock(request.at)}<span class="milliseconds">${milliseconds(request.at)}</span>
    </td>
  </tr>`;
}

function Verdict({ rules }) {
  if (!rules) return html`<span class="quietly" title="Not checked">–</span>`;
  const broken = rules.broken.map((each) => each.rule);
  if (!broken.length) return html`<span class="quietly">${rules.passed.length} kept</span>`;
  const others = broken.length > 1 ? ` +${broken.length - 1}` : "";
  return html`<span class="broken" title=${`Broken: ${broken.join(", ")}`}>${broken[0]}${others}</span>`;
}

function NothingYet({ store }) {
  const { state, contract } = store;
  useEffect(() => {
    need("contract", "/contract");
  }, [store.live]);
  const [account] = state.accounts;
  const path = contract && firstToGet(contract);
  const command = `curl ${state.base_url}${path} -H "Authorization: Bearer ${account?.token}"`;
  return html`<${Empty} title="Nothing was asked yet">
    <p>Requests show here as they come in, from any program that has this base URL:</p>
    <p><code class="block">${state.base_url}</code></p>
    ${
      account &&
      path &&
      html`<p class="buttons">
      <button type="button" onClick=${() => get(basePath(state.base_url) + path, account)}>Send one now</button>
      <${Copy} text=${state.base_url} label="Copy base URL" />
      <${Copy} text=${command} label="Copy curl" />
    </p>`
    }
  <//>`;
}

/** The path of the first operation of a contract that needs no more than a token. */
function firstToGet(contract) {
  return Object.keys(contract.paths).find((path) => contract.paths[path].get && !path.includes("{"));
}

function isBroken({ rules }) {
  return Boolean(rules?.broken.length);
}

function matches(request, words) {
  if (!words.length) return true;
  const rules = request.rules ? request.rules.broken.map((each) => each.rule).join(" ") : "";
  const { method, path, account, behaviour, response } = request;
  const text = `${method} ${path} ${response.status} ${account} ${behaviour} ${rules}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
