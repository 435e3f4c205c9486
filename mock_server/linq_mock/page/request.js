// One request, opened: the exchange, the rules, the command that sends it again.

import { html, useState } from "./dom.js";
import { body, clock, count, duration, milliseconds, shortPath, visible } from "./format.js";
import { Copy, Dialog, Empty, Json, Status } from "./parts.js";
import { act } from "./store.js";

const close = () => {
  location.hash = "#/";
};

export function OpenedRequest({ number, requests, baseUrl }) {
  const request = requests.find((each) => each.number === number);
  const place = requests.indexOf(request);
  return html`<${Dialog} label=${`Request ${number}`} kind="drawer" onClose=${close}>
    <nav class="of-dialog" aria-label="Requests">
      <${Neighbour} request=${requests[place + 1]} label="Older" />
      <${Neighbour} request=${place > 0 ? requests[place - 1] : undefined} label="Newer" />
      <button type="button" class="quiet" onClick=${close}>Close <kbd>Esc</kbd></button>
    </nav>
    ${
      request
        ? html`<${Exchange} key=${number} request=${request} baseUrl=${baseUrl} />`
        : html`<${Empty} title=${`Request ${number} is not kept`}><p>The newest ones are.</p><//>`
    }
  <//>`;
}

function Neighbour({ request, label }) {
  if (!request) return html`<span class="quiet off">${label}</span>`;
  return html`<a class="quiet" href=${`#/requests/${request.number}`}>${label}</a>`;
}

function Exchange({ request, baseUrl }) {
  const { response } = request;
  return html`<h2 class="exchange">
      <span class="method">${visible(request.method)}</span>
      <span class="path">${shortPath(request.path, baseUrl)}</span>
      <${Status} status=${response.status} />
    </h2>
    <p class="quietly">
      Number ${request.number}, ${request.account || "the token of nobody"},
      ${" "}${clock(request.at)}${milliseconds(request.at)}, ${duration(request.seconds)}
      ${request.behaviour && html` <span class="tag">${request.behaviour}</span>`}
    </p>
    <${Actions} request=${request} />
    <${Rules} rules=${request.rules} isCut=${request.cut} />
    <${Message} title="Request" headers=${request.headers} text=${request.body} />
    <${Message} title="Answer" headers=${response.headers} text=${response.body} />
    ${request.cut && html`<p class="hint">A body was too long to be kept whole.</p>`}
    <h3>Command</h3>
    <${Json} text=${visible(request.curl)} label="curl command" />`;
}

function Actions({ request }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    try {
      const again = await act("POST", `/requests/${request.number}/again`);
      location.hash = `#/requests/${again.number}`;
    } catch (refused) {
      setError(refused.message);
      setBusy(false);
    }
  };
  return html`<p class="buttons">
      <button type="button" disabled=${busy} onClick=${send}>${busy ? "Sending …" : "Send again"}</button>
      <${Copy} text=${request.curl} label="Copy curl" />
      <${Copy} text=${request.response.body} label="Copy answer" />
    </p>
    ${error && html`<p class="error" role="alert">${error}</p>`}`;
}

function Rules({ rules, isCut }) {
  if (!rules) {
    const why = isCut
      ? "A body is too long to be kept whole."
      : "Only a mock that linq-contract mock starts checks them.";
    return html`<h3>Rules</h3><p class="hint">Not checked. ${why}</p>`;
  }
  const kept = rules.passed.length;
  return html`<h3>Rules</h3>
    ${
      rules.broken.length > 0 &&
      html`<ul class="broken-rules">
      ${rules.broken.map(
        (each) => html`<li>
          <a href=${`#/reference/${each.rule}`}>${each.rule}</a>
          <p>${visible(each.evidence)}</p>
        </li>`,
      )}
    </ul>`
    }
    ${
      kept > 0 &&
      html`<details>
      <summary>${rules.broken.length ? `${kept} kept` : `All ${kept} that apply are kept`}</summary>
      <ul class="kept-rules">
        ${rules.passed.map((rule) => html`<li><a href=${`#/reference/${rule}`}>${rule}</a></li>`)}
      </ul>
    </details>`
    }`;
}

function Message({ title, headers, text }) {
  return html`<h3>${title}</h3>
    ${text && html`<${Json} text=${body(text)} label=${`Body of the ${title.toLowerCase()}`} />`}
    ${!text && html`<p class="hint">No body.</p>`}
    <details>
      <summary>${count(headers.length, "header")}</summary>
      <dl class="headers">
        ${headers.map(
          (each) => html`<div>
            <dt>${visible(each.name)}</dt>
            <dd>${visible(each.value)}</dd>
          </div>`,
        )}
      </dl>
    </details>`;
}
