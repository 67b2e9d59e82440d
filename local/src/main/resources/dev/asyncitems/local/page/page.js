'use strict';

// Inserts the run's data as text, never as markup, because log lines and messages may contain
// clients' texts.

const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const setText = (node, text) => {
  if (node.textContent !== text) {
    node.textContent = text;
  }
};

const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

const clock = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});

function time(instant) {
  const date = new Date(instant);
  const today = date.toDateString() === new Date().toDateString();
  return today ? clock.format(date) : `${date.toLocaleDateString()} ${clock.format(date)}`;
}

const took = (milliseconds) =>
  milliseconds >= 1000 ? `${(milliseconds / 1000).toFixed(2)} s` : `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;

// Formats a JSON log line as level, message and fields. Returns other lines unchanged. A stack trace may follow the line.
function readable(entry) {
  const [line, ...trace] = entry.split('\n');
  try {
    const {timestamp, level, message, ...fields} = JSON.parse(line);
    if (message === undefined) {
      return entry;
    }
    const rest = Object.entries(fields).map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
    return [[level, message, ...rest].filter((part) => part !== undefined).join('  '), ...trace].join('\n');
  } catch {
    return entry;
  }
}

function announce(sentence, failed = false) {
  const said = byId('said');
  said.hidden = false;
  said.toggleAttribute('data-failed', failed);
  said.textContent = sentence;
}

// ---- requests to the run

async function fetchJson(path) {
  const answer = await fetch(path);
  if (!answer.ok) {
    throw new Error(await answer.text());
  }
  return answer.json();
}

async function post(path) {
  try {
    const answer = await fetch(path, {method: 'POST', headers: {'X-Local-Page': 'yes'}});
    announce(await answer.text(), !answer.ok);
  } catch {
    announce('The run does not respond.', true);
  }
  await refresh();
}

function confirmed(question, consequence, label, danger) {
  const dialog = byId('confirm');
  setText(byId('question'), question);
  setText(byId('consequence'), consequence);
  setText(byId('yes'), label);
  byId('yes').classList.toggle('danger', danger);
  return new Promise((resolve) => {
    let answer = false;
    byId('yes').onclick = () => {
      answer = true;
      dialog.close();
    };
    byId('no').onclick = () => dialog.close();
    dialog.onclose = () => resolve(answer);
    dialog.showModal();
    byId('no').focus();
  });
}

// ---- components

// Reuses elements by key, so that focus, selection and open details survive an update.
function keyed(parent, items, key, create, update) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    let child = before.get(key(item));
    if (child) {
      before.delete(key(item));
    } else {
      child = create(item);
      child.dataset.key = key(item);
    }
    update(child, item);
    if (child === place) {
      place = place.nextElementSibling;
    } else {
      parent.insertBefore(child, place);
    }
  }
  before.forEach((child) => child.remove());
}

function table(caption, columns) {
  const head = element('tr');
  for (const column of columns) {
    head.append(element('th', {scope: 'col', ...(column.number ? {class: 'number'} : {})}, column.name ?? column));
  }
  return element('table', {}, element('caption', {}, caption), element('thead', {}, head));
}

const scroll = (label, child) => element('div', {class: 'scroll', role: 'region', tabindex: '0', 'aria-label': label}, child);

// The open details elements, each with the function that updates its content.
const opened = new Map();

function card(kind, item, show) {
  const body = element('div', {class: 'body'});
  const summary = element('summary', {}, element('h3', {}, item.id), element('span', {class: 'facts'}));
  const details = element('details', {id: `${kind}-${item.id}`}, summary, body);
  details.addEventListener('toggle', () => {
    if (details.open) {
      opened.set(details, () => show(body, item.id));
      refreshOne(details);
    } else {
      opened.delete(details);
    }
  });
  return details;
}

function facts(details, list) {
  keyed(details.querySelector('.facts'), list.filter((fact) => fact), (fact) => fact.name, () => element('span'), (span, fact) => {
    setText(span, fact.text);
    span.className = fact.warning ? 'warning' : fact.kind ?? '';
  });
}

// ---- notices

function showNotices(notices) {
  byId('notices').hidden = notices.length === 0;
  keyed(byId('notice-list'), notices, (one) => one.time + one.text, () => element('li', {}, element('time'), ' ', element('span')), (item, one) => {
    setText(item.firstChild, time(one.time));
    setText(item.lastChild, one.text);
  });
}

// ---- functions

function showFunctions(functions) {
  keyed(byId('function-list'), functions, (one) => one.id, (one) => card('function', one, showInvocations), (details, one) => {
    facts(details, [
      {name: 'calls', text: count(one.invocations, 'invocation', 'invocations')},
      one.running > 0 && {name: 'running', text: `${one.running} running`},
      one.fails && {name: 'fails', text: `\u26A0 fails ${one.fails}`, warning: true},
      one.failed > 0 && {name: 'failed', text: `${one.failed} failed`, warning: true},
      one.last && {name: 'last', text: `last ${time(one.last.begin)}: ${one.last.trigger}`},
      one.last && {name: 'outcome', text: one.last.outcome, kind: one.last.kind},
    ]);
    fails.set(one.id, one.fails);
  });
}

// For each function, the words that say how long it is made to fail. They are missing if it is not.
const fails = new Map();

async function showInvocations(body, id) {
  const {handler, list} = await fetchJson(`functions/${id}`);
  if (!body.firstChild) {
    body.append(element('p', {class: 'none'}), scroll(`Invocations of ${id}`, table(`Last invocations of ${handler}, newest first`,
        ['When', 'By', {name: 'Took', number: true}, 'Start', 'Outcome', 'Log'])),
    element('p', {class: 'actions'}, button('', () => post(`functions/${id}/${fails.get(id) ? 'recover' : 'fail'}`))));
  }
  setText(body.lastChild.firstChild, fails.get(id) ? 'Stop failing' : 'Make it fail');
  body.firstChild.hidden = list.length > 0;
  setText(body.firstChild, 'Not invoked yet.');
  body.children[1].hidden = list.length === 0;
  const parent = body.querySelector('table');
  // Each invocation is a tbody with two rows: its facts and its log.
  keyed({
    get children() { return parent.tBodies; },
    get firstElementChild() { return parent.tBodies[0] ?? null; },
    insertBefore: (child, place) => parent.insertBefore(child, place),
  }, list, (one) => one.requestId, invocation, fillInvocation);
}

function invocation(one) {
  const button = element('button', {type: 'button', 'aria-expanded': 'false', 'aria-controls': `log-${one.requestId}`});
  const log = element('tr', {class: 'log', id: `log-${one.requestId}`}, element('td', {colspan: '6'}, element('pre', {tabindex: '0', 'aria-label': 'Log lines'})));
  log.hidden = true;
  button.addEventListener('click', () => {
    log.hidden = !log.hidden;
    button.setAttribute('aria-expanded', String(!log.hidden));
  });
  return element('tbody', {class: 'fresh'},
      element('tr', {}, element('td', {class: 'when'}), element('td', {class: 'text'}), element('td', {class: 'number'}), element('td'), element('td'),
          element('td', {}, button)), log);
}

function fillInvocation(body, one) {
  const [when, by, duration, start, outcome] = body.rows[0].cells;
  setText(when, time(one.begin));
  setText(by, one.trigger);
  setText(duration, one.kind === 'running' ? '' : took(one.milliseconds));
  setText(start, one.cold ? 'cold' : 'warm');
  setText(outcome, one.outcome);
  outcome.className = `text kind ${one.kind}`;
  const button = body.querySelector('button');
  setText(button, count(one.log.length + one.omitted, 'line', 'lines'));
  button.disabled = one.log.length === 0;
  setText(body.querySelector('pre'), one.log.map(readable).join('\n') + (one.omitted ? `\n(${one.omitted} more lines were dropped)` : ''));
}

// ---- queues

function showQueues(queues) {
  const dead = queues.filter((one) => one.sources.length > 0).reduce((sum, one) => sum + one.visible + one.inFlight, 0);
  setText(byId('dead'), dead > 0 ? `${dead} dead-lettered` : '');
  byId('dead').hidden = dead === 0;
  keyed(byId('queue-list'), queues, (one) => one.id, (one) => card('queue', one, showMessages), (details, one) => {
    const waiting = one.visible + one.inFlight + one.delayed;
    facts(details, one.visible === null ? [{name: 'away', text: 'SQS does not respond', warning: true}] : [
      {name: 'visible', text: `${one.visible} visible`},
      {name: 'inFlight', text: `${one.inFlight} in flight`},
      {name: 'delayed', text: `${one.delayed} delayed`},
      one.sources.length > 0 && {name: 'dead', text: `${waiting > 0 ? '\u26A0 ' : ''}dead letters of ${one.sources.join(', ')}`, warning: waiting > 0},
    ]);
  });
}

async function showMessages(body, id) {
  const queue = await fetchJson(`queues/${id}`);
  if (!body.firstChild) {
    const columns = ['Sent', 'State', {name: 'Received', number: true}, 'Body', 'Attributes', ...queue.sources.length > 0 ? ['Replay'] : []];
    body.append(element('p', {class: 'none'}), scroll(`Messages of ${id}`, table(`Messages of ${queue.name}, oldest first`, columns)),
        element('p', {class: 'actions'}));
    body.querySelector('table').append(element('tbody'));
    for (const source of queue.sources) {
      body.lastChild.append(button(`Replay all to ${source}`, () => replayAll(queue, source)));
    }
    body.lastChild.append(button('Purge', () => purge(queue), 'danger'));
  }
  const nothing = queue.messages.length === 0;
  body.firstChild.hidden = !nothing && queue.more === 0;
  setText(body.firstChild, !queue.looksInside ? 'This engine is external: its messages can’t be shown without receiving them.'
      : nothing ? 'No messages.' : `${queue.more} more are not shown.`);
  body.children[1].hidden = nothing;
  for (const one of body.lastChild.children) {
    one.disabled = queue.empty;
  }
  keyed(body.querySelector('tbody'), queue.messages, (one) => one.id, (one) => messageRow(queue, one), fillMessage);
}

function button(label, action, kind) {
  const made = element('button', {type: 'button', ...(kind ? {class: kind} : {})}, label);
  made.addEventListener('click', action);
  return made;
}

function messageRow(queue, one) {
  const row = element('tr', {class: 'fresh'}, element('td', {class: 'when'}), element('td'), element('td', {class: 'number'}),
      element('td', {class: 'text'}), element('td', {class: 'text'}, element('dl')));
  if (queue.sources.length > 0) {
    const cell = element('td');
    for (const source of queue.sources) {
      const made = button(queue.sources.length > 1 ? `Replay to ${source}` : 'Replay', () => replayOne(queue, source, one));
      made.setAttribute('aria-label', `Replay the message ${one.id} to ${source}`);
      cell.append(made);
    }
    row.append(cell);
  }
  return row;
}

function fillMessage(row, one) {
  const [sent, state, receives, body] = row.cells;
  setText(sent, time(one.sent));
  setText(state, one.until ? `${one.state} until ${time(one.until)}` : one.state);
  setText(receives, String(one.receives));
  setText(body, one.body);
  const entries = [
    ...one.moved ? [['moved', one.moved]] : [],
    ...Object.entries(one.attributes),
    ...(one.rows ?? []).flatMap((its) => Object.entries(its.attributes).map(([name, value]) => [`${its.table}: ${name}`, value])),
  ];
  const now = JSON.stringify(entries); // The rows of a message may change.
  if (row.dataset.entries !== now) {
    row.dataset.entries = now;
    row.querySelector('dl').replaceChildren(...entries.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
  }
}

async function replayOne(queue, source, one) {
  if (await confirmed('Replay this message?', `${one.body.slice(0, 200)} moves back to ${source} and is processed again.`, 'Replay')) {
    await post(`queues/${queue.id}/replay?to=${source}&message=${encodeURIComponent(one.id)}`);
  }
}

async function replayAll(queue, source) {
  if (await confirmed('Replay all messages?', `All messages of ${queue.id} move back to ${source} and are processed again.`, 'Replay all')) {
    await post(`queues/${queue.id}/replay?to=${source}`);
  }
}

async function purge(queue) {
  if (await confirmed(`Purge ${queue.id}?`, 'All its messages are deleted. This can’t be undone.', 'Purge', true)) {
    await post(`queues/${queue.id}/purge`);
  }
}

// ---- tables

function showTables(tables) {
  keyed(byId('table-list'), tables, (one) => one.id, (one) => card('table', one, showRows), (details, one) => {
    facts(details, one.rows === null ? [{name: 'away', text: 'DynamoDB does not respond', warning: true}]
        : [{name: 'rows', text: count(one.rows, 'row', 'rows')}, {name: 'name', text: one.name}]);
  });
}

// For each table, the start keys of the current page and of the pages before it.
const pages = new Map();

async function showRows(body, id) {
  const starts = pages.get(id) ?? [''];
  const found = await fetchJson(`tables/${id}?from=${encodeURIComponent(starts.at(-1))}`);
  const now = JSON.stringify(found);
  if (body.dataset.shown === now) {
    return;
  }
  body.dataset.shown = now;
  if (!body.firstChild) {
    const move = (change) => () => {
      pages.set(id, change(pages.get(id) ?? ['']));
      refreshOne(byId(`table-${id}`));
    };
    body.append(element('div'), element('p', {class: 'actions'},
        button('First page', move(() => [''])), button('Next page', move((before) => [...before, body.dataset.next]))));
  }
  body.dataset.next = found.next ?? '';
  const shown = table(`Rows of ${id} in scan order, page ${starts.length}`, found.columns);
  const rows = element('tbody');
  for (const values of found.rows) {
    rows.append(element('tr', {}, ...values.map((value) => element('td', {class: 'text'}, value ?? ''))));
  }
  shown.append(rows);
  body.firstChild.replaceChildren(found.rows.length === 0 ? element('p', {}, 'No rows here.') : scroll(`Rows of ${id}`, shown));
  const [first, next] = body.lastChild.children;
  body.lastChild.hidden = starts.length === 1 && !found.next;
  first.disabled = starts.length === 1;
  next.disabled = !found.next;
}

// ---- live updates

// The elements being refreshed. The value is true if another refresh was requested meanwhile.
const refreshing = new Map();

async function refreshOne(details) {
  if (refreshing.has(details)) {
    refreshing.set(details, true);
    return;
  }
  do {
    refreshing.set(details, false);
    try {
      await opened.get(details)?.();
    } catch (failure) {
      if (!(failure instanceof TypeError)) { // The stream already reports a lost connection.
        announce(failure.message, true);
      }
    }
  } while (refreshing.get(details));
  refreshing.delete(details);
}

const refresh = () => Promise.all([...opened.keys()].map(refreshOne));

function state(name, words) {
  const shown = byId('state');
  shown.dataset.state = name;
  setText(shown, words);
}

let source;
let run;

function listen() {
  source?.close();
  source = new EventSource('events');
  source.addEventListener('overview', (event) => {
    const overview = JSON.parse(event.data);
    if (run && run !== overview.run) {
      location.reload(); // Another run uses the same port.
      return;
    }
    run = overview.run;
    state('live', 'Live');
    showNotices(overview.notices);
    showFunctions(overview.functions);
    showQueues(overview.queues);
    showTables(overview.tables);
    refresh();
  });
  source.onerror = () => {
    state('gone', 'The run is gone. Reconnecting');
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(listen, 2000);
    }
  };
}

// A browser opens at most six connections to a server, so a hidden window closes its stream.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    source?.close();
    state('waiting', 'Paused');
  } else {
    listen();
  }
});
if (!document.hidden) {
  listen();
}
