// How the mock behaves: errors, latency, faults and freedoms, for all accounts or for one.

import { html, useEffect, useMemo, useState } from "./dom.js";
import { count, inForce } from "./format.js";
import { described, Empty, Field, Loading, Search, useRows, useWanted } from "./parts.js";
import { act, need } from "./store.js";

const HONEST = {
  faults: [],
  freedoms: [],
  latency: 0,
  status: null,
  retry_after: null,
  every: 1,
  next: null,
};
const LATENCIES = [0, 0.1, 0.5, 1, 3];

/** What is in force, for an account or, without one, for all. One whose requests are over is none. */
function settingOf(state, account) {
  const stated = account ? state.account_behaviours[account] : state.behaviour;
  return stated && stated.next !== 0 ? stated : HONEST;
}

let last = Promise.resolve();

/** Do something after what was to be done before: each change is one of what the last one has left. */
function inTurn(change) {
  last = last.then(change);
  return last;
}

export function Behaviour({ store, query }) {
  const { state, catalogue, contract } = store;
  const [name, setName] = useState("");
  const [search, setSearch] = useState(query);
  const [error, setError] = useState("");
  useEffect(() => {
    need("catalogue", "/behaviours");
    need("contract", "/contract");
  }, [store.live]);
  useEffect(() => setSearch(query), [query]);
  const account = state.accounts.some((each) => each.name === name) ? name : "";
  const setting = settingOf(state, account);
  const path = account ? `/behaviour?account=${encodeURIComponent(account)}` : "/behaviour";
  const alter = (changes) =>
    inTurn(async () => {
      const before = settingOf(store.state, account);
      try {
        await act("PUT", path, { ...before, ...changes(before) });
        setError("");
        return "";
      } catch (refused) {
        return refused.message;
      }
    });
  const set = (changes) => alter(() => changes);
  const onSwitch = async (kind, entry, isOn) => {
    const switched = (before) => {
      const others = before[kind].filter((each) => each !== entry);
      return { [kind]: isOn ? [...others, entry] : others };
    };
    const refusal = await alter(switched);
    setError(refusal);
    return !refusal;
  };
  const forget = () => act("DELETE", path).catch((refused) => setError(refused.message));
  return html`<div class="behaviour">
    <section class="card" aria-labelledby="behaviour">
      <header>
        <h2 id="behaviour">Behaviour</h2>
        <label class="choice">
          <span class="unseen">Of</span>
          <select value=${account} onChange=${(event) => setName(event.target.value)}>
            <option value="" selected=${!account}>all accounts</option>
            ${state.accounts.map(
              (each) =>
                html`<option value=${each.name} selected=${each.name === account}>${each.name}</option>`,
            )}
          </select>
        </label>
      </header>
      <${InForce} setting=${setting} onSwitch=${onSwitch} set=${set} />
      ${
        account &&
        (state.account_behaviours[account]
          ? html`<p>
            <button type="button" class="quiet" onClick=${forget}>Behave as for all accounts</button>
          </p>`
          : html`<p class="hint">Behaves as for all accounts until something is set here.</p>`)
      }
      ${error && html`<p class="error" role="alert">${error}</p>`}
      <${Latency} key=${`latency of ${account}`} setting=${setting} set=${set} />
      <${Errors} key=${`errors of ${account}`} setting=${setting} set=${set} contract=${contract} />
    </section>
    <section class="card catalogue" aria-labelledby="catalogue">
      <header>
        <h2 id="catalogue">Faults and freedoms</h2>
        ${catalogue && html`<span class="count">${catalogue.faults.length + catalogue.freedoms.length}</span>`}
        <${Search}
          label="Search faults and freedoms"
          hint="Search by name, rule or what it does"
          value=${search}
          onInput=${setSearch}
        />
      </header>
      ${
        catalogue
          ? html`<${Catalogue}
            key=${account}
            catalogue=${catalogue}
            setting=${setting}
            search=${search}
            onSwitch=${onSwitch}
          />`
          : html`<${Loading} />`
      }
    </section>
  </div>`;
}

function InForce({ setting, onSwitch, set }) {
  const all = inForce(setting);
  if (!all.length)
    return html`<p class="honest"><span class="dot" aria-hidden="true"></span> The honest server</p>`;
  const named = [
    ...setting.faults.map((name) => ["faults", name]),
    ...setting.freedoms.map((name) => ["freedoms", name]),
  ];
  const others = all.slice(named.length);
  return html`<ul class="chips" aria-label="In force">
    ${named.map(
      ([kind, name]) => html`<li>
        <button
          type="button"
          class="chip"
          aria-label=${`${name}, switch off`}
          onClick=${() => onSwitch(kind, name, false)}
        >
          ${name} ×
        </button>
      </li>`,
    )}
    ${others.map((each) => html`<li><span class="chip">${each}</span></li>`)}
    <li><button type="button" class="quiet" onClick=${() => set(HONEST)}>Be honest again</button></li>
  </ul>`;
}

// --- latency and errors ---------------------------------------------------------------------------

function Latency({ setting, set }) {
  return html`<fieldset>
    <legend>Latency</legend>
    <div class="segments">
      ${LATENCIES.map(
        (seconds) => html`<button
          type="button"
          aria-pressed=${String(setting.latency === seconds)}
          onClick=${() => set({ latency: seconds })}
        >
          ${seconds ? `${seconds} s` : "none"}
        </button>`,
      )}
    </div>
    <${NumberField} id="latency" label="Seconds" value=${setting.latency} least=${0} most=${600} isFraction
      set=${(latency) => set({ latency: latency ?? 0 })} />
  </fieldset>`;
}

function Errors({ setting, set, contract }) {
  const [error, setError] = useState("");
  const statuses = contract ? [...new Set(contract["x-error-codes"].map((each) => each.status))].sort() : [];
  const choose = async (event) => {
    const status = Number(event.target.value) || null;
    setError(await set({ status, retry_after: status === 429 ? (setting.retry_after ?? 1) : null }));
  };
  return html`<fieldset>
    <legend>Errors</legend>
    <${Field} id="status" label="Answer with" error=${error}>
      <select ...${described("status", error)} value=${setting.status ?? ""} onChange=${choose}>
        <option value="" selected=${!setting.status}>what was asked for</option>
        ${statuses.map(
          (each) => html`<option value=${each} selected=${each === setting.status}>${each}</option>`,
        )}
      </select>
    <//>
    ${
      setting.status !== null &&
      html`<${NumberField} id="retry-after" label="Retry-After, seconds" value=${setting.retry_after} least=${0}
      hint=${setting.status === 429 ? undefined : "Empty sends none."}
      set=${(seconds) => set({ retry_after: seconds ?? (setting.status === 429 ? 1 : null) })} />`
    }
    <${NumberField} id="every" label="Every nth request" value=${setting.every} least=${1}
      hint="1 is each of them." set=${(every) => set({ every: every ?? 1 })} />
    <${NumberField} id="next" label="For the next requests" value=${setting.next} least=${1}
      hint="Empty goes on until it is changed." set=${(next) => set({ next })} />
  </fieldset>`;
}

/** A number that is set when it has been written; empty is null. */
function NumberField({ id, label, value, least, most = Infinity, isFraction = false, hint, set }) {
  const stored = value === null ? "" : String(value);
  const [draft, setDraft] = useState(stored);
  const [error, setError] = useState("");
  useEffect(() => {
    setDraft(stored);
    setError("");
  }, [stored]);
  const commit = async () => {
    if (draft === stored) return setError("");
    const number = draft.trim() === "" ? null : Number(draft);
    const isOne =
      number === null || (number >= least && number <= most && (isFraction || Number.isInteger(number)));
    const range = most === Infinity ? `from ${least} on` : `from ${least} to ${most}`;
    if (!isOne) return setError(`Write ${isFraction ? "a" : "a whole"} number ${range}.`);
    return setError(await set(number));
  };
  return html`<${Field} id=${id} label=${label} error=${error} hint=${hint}>
    <input
      ...${described(id, error, hint)}
      inputmode=${isFraction ? "decimal" : "numeric"}
      autocomplete="off"
      value=${draft}
      onInput=${(event) => setDraft(event.target.value)}
      onBlur=${commit}
      onKeyDown=${(event) => event.key === "Enter" && commit()}
    />
  <//>`;
}

// --- faults and freedoms --------------------------------------------------------------------------

const OFTEN_TRIED = [
  "429-on-every-25th",
  "passing-503",
  "latency-at-random",
  "moving-reputation",
  "unknown-properties",
  "thirty-countries",
  "update.read-your-writes/stale-by-one",
  "error.retry-after/date",
  "error.envelope/framework-404",
  "list.status-values/opted-out",
];

const FAMILIES = {
  transport: "Faults of transport",
  error: "Faults of errors",
  auth: "Faults of authentication",
  list: "Faults of the list",
  update: "Faults of the update",
};

function Catalogue({ catalogue, setting, search, onSwitch }) {
  const onKeyDown = useRows("input");
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const isSearched = words.length > 0;
  const matches = ({ name, description, rules }) => {
    const text = `${name} ${description} ${rules.join(" ")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return useMemo(() => {
    const groups = Object.entries(FAMILIES).map(([family, title]) => ({
      title,
      all: catalogue.faults.filter((each) => each.name.startsWith(`${family}.`)),
    }));
    groups.unshift({ title: "Freedoms that the contract leaves", all: catalogue.freedoms });
    const known = [...catalogue.freedoms, ...catalogue.faults];
    const often = OFTEN_TRIED.map((name) => known.find((each) => each.name === name));
    if (!isSearched) groups.unshift({ title: "Often tried", all: often, isOpen: true });
    const found = groups.map((group) => ({ ...group, all: group.all.filter(matches) }));
    if (found.every((group) => group.all.length === 0)) {
      return html`<${Empty} title="Nothing matches"><p>No fault and no freedom has all of that.</p><//>`;
    }
    const matching = found.flatMap((group) => group.all).length;
    return html`<div onKeyDown=${onKeyDown}>
      ${found
        .filter((group) => group.all.length)
        .map(
          (group) => html`<details key=${`${group.title} ${isSearched}`} open=${group.isOpen || isSearched}>
            <summary>${group.title} <span class="count">${group.all.length}</span></summary>
            <ul class="switches">
              ${group.all.map(
                (entry) => html`<${Switch}
                  key=${entry.name}
                  entry=${entry}
                  isOn=${setting[kindOf(entry)].includes(entry.name)}
                  onSwitch=${(isOn) => onSwitch(kindOf(entry), entry.name, isOn)}
                />`,
              )}
            </ul>
          </details>`,
        )}
      ${isSearched && html`<p class="hint" role="status">${count(matching, "match", "matches")}</p>`}
    </div>`;
  }, [catalogue, search, JSON.stringify(setting)]);
}

const kindOf = (entry) => (entry.rules.length ? "faults" : "freedoms");

function Switch({ entry, isOn, onSwitch }) {
  const also = entry.rules.slice(1);
  const [isShownOn, setIsOn] = useWanted(isOn, onSwitch);
  return html`<li>
    <label>
      <input
        type="checkbox"
        role="switch"
        checked=${isShownOn}
        onChange=${(event) => setIsOn(event.target.checked)}
      />
      <span>
        <span class="name">${entry.name}</span>
        <span class="hint">${entry.description}${also.length > 0 && ` Also breaks ${also.join(", ")}.`}</span>
      </span>
    </label>
  </li>`;
}
