// The lines of an account: reputation and forwarding number are changed where they stand.

import { html, useEffect, useState } from "./dom.js";
import { count } from "./format.js";
import { Empty, Twice, useRows, useWanted } from "./parts.js";
import { act } from "./store.js";

const REPUTATIONS = ["HEALTHY", "AT_RISK", "CRITICAL"];
const E164 = /^\+[1-9][0-9]{1,14}$/;
const AT_FIRST = 100;

export function Lines({ accounts, name, onName }) {
  const [shown, setShown] = useState(AT_FIRST);
  const account = accounts.find((each) => each.name === name) ?? accounts[0];
  const onKeyDown = useRows("input");
  return html`<section class="card" aria-labelledby="lines">
    <header>
      <h2 id="lines">Lines</h2>
      ${account && html`<span class="count">${account.lines.length.toLocaleString("en")}</span>`}
      ${account && html`<${AccountChoice} accounts=${accounts} account=${account} onName=${onName} />`}
      ${account && html`<${Add} account=${account} />`}
    </header>
    ${!account && html`<${Empty} title="No accounts"><a href="#/accounts">Add one</a><//>`}
    ${
      account &&
      account.lines.length === 0 &&
      html`<${Empty} title="No lines"><p>This account gets an empty list.</p><//>`
    }
    ${
      account &&
      account.lines.length > 0 &&
      html`<table class="lines">
      <thead>
        <tr>
          <th scope="col">Number</th>
          <th scope="col">Reputation</th>
          <th scope="col">Forwards to</th>
          <th scope="col"><span class="unseen">Remove</span></th>
        </tr>
      </thead>
      <tbody onKeyDown=${onKeyDown}>
        ${account.lines
          .slice(0, shown)
          .map((line) => html`<${Line} key=${line.id} account=${account.name} line=${line} />`)}
      </tbody>
    </table>`
    }
    ${
      account &&
      account.lines.length > shown &&
      html`<p class="more">
      <button type="button" class="quiet" onClick=${() => setShown(shown + 5 * AT_FIRST)}>
        Show more of ${count(account.lines.length, "line")}
      </button>
    </p>`
    }
  </section>`;
}

function AccountChoice({ accounts, account, onName }) {
  if (accounts.length < 2) return html`<span class="quietly">${account.name}</span>`;
  return html`<label class="choice">
    <span class="unseen">Account</span>
    <select value=${account.name} onChange=${(event) => onName(event.target.value)}>
      ${accounts.map(
        (each) => html`<option value=${each.name} selected=${each === account}>${each.name}</option>`,
      )}
    </select>
  </label>`;
}

function Add({ account }) {
  const [error, setError] = useState("");
  const add = async () => {
    try {
      await act("POST", `/accounts/${account.name}/lines`, {});
      setError("");
    } catch (refused) {
      setError(refused.message);
    }
  };
  return html`<span class="aside">
    ${error && html`<span class="error" role="alert">${error}</span>`}
    <button type="button" class="quiet" onClick=${add}>Add line</button>
  </span>`;
}

function Line({ account, line }) {
  const [error, setError] = useState("");
  const path = `/accounts/${account}/lines/${line.id}`;
  const number = line.phone_number;
  /** Change the line, and return what is wrong with that, if something is. */
  const change = (properties) =>
    act("PATCH", path, properties).then(
      () => "",
      (refused) => refused.message,
    );
  return html`<tr>
    <th scope="row" title=${line.id}>${number}</th>
    <td><${Reputation} line=${line} change=${change} /></td>
    <td><${ForwardingNumber} line=${line} change=${change} /></td>
    <td class="end">
      <${Twice}
        label=${html`<span aria-hidden="true">×</span><span class="unseen">Remove ${number}</span>`}
        question="Remove?"
        kind="quiet small"
        act=${() => act("DELETE", path).catch((refused) => setError(refused.message))}
      />
      <${Mistake} id=${`removal-of-${line.id}`} error=${error} />
    </td>
  </tr>`;
}

function Reputation({ line, change }) {
  const [error, setError] = useState("");
  const [status, setStatus] = useWanted(line.reputation.status, async (reputation) => {
    const refusal = await change({ reputation });
    setError(refusal);
    return !refusal;
  });
  const id = `reputation-of-${line.id}`;
  return html`<span class="reputation ${status}">
      <select
        aria-label=${`Reputation of ${line.phone_number}`}
        ...${marked(id, error)}
        value=${status}
        onChange=${(event) => setStatus(event.target.value)}
      >
        ${REPUTATIONS.map((each) => html`<option value=${each} selected=${each === status}>${each}</option>`)}
      </select>
    </span>
    <${Mistake} id=${id} error=${error} />`;
}

function ForwardingNumber({ line, change }) {
  const stored = line.forwarding_number ?? "";
  const [draft, setDraft] = useState(stored);
  const [error, setError] = useState("");
  const takeBack = () => {
    setDraft(stored);
    setError("");
  };
  useEffect(takeBack, [stored]);
  const commit = async () => {
    const number = draft.replace(/[\s().-]/g, "");
    if (number === stored) {
      takeBack();
    } else if (number && !E164.test(number)) {
      setError("Write + and 2 to 15 digits, such as +13105550199; nothing clears it.");
    } else {
      setError(await change({ forwarding_number: number || null }));
    }
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter") commit();
    if (event.key === "Escape") takeBack();
  };
  const id = `forwarding-of-${line.id}`;
  return html`<input
      class="number"
      inputmode="tel"
      autocomplete="off"
      spellcheck=${false}
      aria-label=${`Forwarding number of ${line.phone_number}`}
      ...${marked(id, error)}
      placeholder="not forwarded"
      value=${draft}
      onInput=${(event) => setDraft(event.target.value)}
      onBlur=${commit}
      onKeyDown=${onKeyDown}
    />
    <${Mistake} id=${id} error=${error} />`;
}

function marked(id, error) {
  return error ? { "aria-invalid": "true", "aria-describedby": id } : {};
}

function Mistake({ id, error }) {
  return error && html`<p class="error" id=${id} role="alert">${error}</p>`;
}
