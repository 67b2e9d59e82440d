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

// Ids and times. They stay on one line.
const WHOLE = /(?<![\w.:-])([\da-f-]{16,40}|\d{4}-[\dTZ:.-]+)(?![\w.:-])/;

const whole = (text) => text.split(WHOLE)
    .flatMap((part, index) => index % 2 ? [element('wbr'), element('span', {class: 'whole'}, part)] : [part]);

const setText = (node, text) => {
  if (node.textContent !== text) {
    node.replaceChildren(...whole(text));
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
  byId('said').hidden = false;
  byId('said').toggleAttribute('data-failed', failed);
  setText(byId('sentence'), sentence);
}

byId('close').addEventListener('click', () => {
  byId('said').hidden = true;
  setText(byId('sentence'), '');
  hideReport();
});

// ---- links

// Opens the function, queue or table that the address names.
function openLinked() {
  const details = byId(location.hash.slice(1));
  if (details?.matches('.cards > details')) {
    details.open = true;
    details.scrollIntoView();
  }
}

// A second click on a link does not change the address.
document.addEventListener('click', (event) => event.target.closest('a[href^="#"]') && setTimeout(openLinked));
window.addEventListener('hashchange', openLinked);

const link = (kind, id, text = id) => element('a', {href: `#${kind}-${id}`}, text);

function links(words, kind, ids) {
  return ids.length === 0 ? [] : [element('span', {}, words, ...ids.flatMap((id) => [' ', link(kind, id)]))];
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
  hideReport();
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

// A cell repeats its column's name, because a narrow screen shows no head.
const cell = (column, kind = '', ...children) => element('td', {'data-column': column, class: kind}, ...children);

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
    latest.set(one.id, one);
  });
}

// The functions as the last overview had them.
const latest = new Map();

async function showInvocations(body, id) {
  const {handler, list} = await fetchJson(`functions/${id}`);
  if (!body.firstChild) {
    body.append(
        element('p', {class: 'actions'}, button('', () => post(`functions/${id}/${latest.get(id).fails ? 'recover' : 'fail'}`)),
            ...links('Gets messages of', 'queue', latest.get(id).queues)),
        element('p', {class: 'none'}, 'Not invoked yet.'),
        scroll(`Invocations of ${id}`, table(`Last invocations of ${handler}, newest first`,
            ['When', 'By', {name: 'Took', number: true}, 'Start', 'Outcome', 'Log'])));
  }
  const [actions, none, shown] = body.children;
  setText(actions.firstChild, latest.get(id).fails ? 'Stop failing' : 'Make it fail');
  none.hidden = list.length > 0;
  shown.hidden = list.length === 0;
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
      element('tr', {}, cell('When', 'whole'), cell('By', 'text'), cell('Took', 'number'), cell('Start'), cell('Outcome'),
          cell('Log', '', button)), log);
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
  const dead = queues.map((one) => ({...one, letters: one.visible + one.inFlight + one.delayed}))
      .filter((one) => one.sources.length > 0 && one.letters > 0);
  keyed(byId('dead'), dead, (one) => one.id, (one) => link('queue', one.id, ''),
      (shown, one) => setText(shown, `${count(one.letters, 'dead letter', 'dead letters')} of ${one.sources.join(', ')}`));
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
  const dead = queue.sources.length > 0;
  if (!body.firstChild) {
    const columns = ['Sent', ...dead ? ['Reason', 'Replay'] : [], 'Body', 'Attributes'];
    body.append(element('p', {class: 'actions'}), element('p', {class: 'none'}),
        scroll(`Messages of ${id}`, table(`Messages of ${queue.name}, oldest first`, columns)));
    body.querySelector('table').append(element('tbody'));
    for (const source of queue.sources) {
      body.firstChild.append(button(`Replay all to ${source}`, () => replayAll(queue, source)));
    }
    body.firstChild.append(button('Purge', () => purge(queue), 'danger'), ...links('Consumed by', 'function', queue.consumers),
        ...links('Dead letters of', 'queue', queue.sources), ...links('Dead letters go to', 'queue', queue.deadLetters ? [queue.deadLetters] : []));
  }
  const [actions, none, shown] = body.children;
  const nothing = queue.messages.length === 0;
  none.hidden = !nothing && queue.more === 0;
  setText(none, !queue.looksInside ? 'This engine is external: its messages can’t be shown without receiving them.'
      : nothing ? 'No messages.' : `${queue.more} more are not shown.`);
  shown.hidden = nothing;
  for (const one of actions.querySelectorAll('button')) {
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
  const dead = queue.sources.length > 0;
  const replays = queue.sources.map((source) => {
    const made = button(queue.sources.length > 1 ? `Replay to ${source}` : 'Replay', () => replayOne(queue, source, one));
    made.setAttribute('aria-label', `Replay the message ${one.id} to ${source}`);
    return made;
  });
  return element('tr', {class: 'fresh'}, cell('Sent', 'whole'), ...dead ? [cell('Reason', 'text reason'), element('td', {}, ...replays)] : [],
      cell('Body', 'text'), cell('Attributes', 'text attributes'));
}

function fillMessage(row, one) {
  const by = (column) => row.querySelector(`[data-column=${column}]`);
  setText(by('Sent'), time(one.sent));
  if (by('Reason')) {
    setText(by('Reason'), one.reason ?? '');
  }
  setText(by('Body'), one.body);
  const state = one.until ? `${one.state} until ${time(one.until)}` : one.state;
  const received = one.receives > 0 ? `, received ${count(one.receives, 'time', 'times')}` : '';
  const own = Object.entries({state: state + received, ...one.moved ? {moved: one.moved} : {}, ...one.attributes})
      .filter(([, value]) => value !== one.reason && value !== 'visible');
  const now = JSON.stringify([own, one.rows]); // The rows of a message may change.
  if (row.dataset.entries !== now) {
    row.dataset.entries = now;
    by('Attributes').replaceChildren(...own.length > 0 ? [list(own)] : [], ...(one.rows ?? []).map(itsRow));
  }
}

const list = (entries) => element('dl', {}, ...entries.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, ...whole(value))]));

// The row that a message names: its attributes, and a link to it.
function itsRow(row) {
  const shown = link('table', row.table, `Row in ${row.table}`);
  shown.addEventListener('click', () => filter(row.table, row.key));
  return element('details', {}, element('summary', {}, `Its row in ${row.table}`), list(Object.entries(row.attributes)), shown);
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

// For each table, the filter and the number of the shown page.
const selections = new Map();
const selection = (id) => selections.get(id) ?? {filter: '', page: 1};

function turnTo(id, change) {
  selections.set(id, {...selection(id), ...change});
  return refreshOne(byId(`table-${id}`));
}

function filter(id, text) {
  turnTo(id, {filter: text, page: 1});
  const field = byId(`filter-${id}`);
  if (field) {
    field.value = text;
  }
}

async function showRows(body, id) {
  if (!body.firstChild) {
    const field = element('input', {type: 'search', id: `filter-${id}`, placeholder: 'Filter', 'aria-label': `Filter the rows of ${id}`});
    field.value = selection(id).filter;
    field.addEventListener('input', () => turnTo(id, {filter: field.value, page: 1}));
    const turn = (label, by) => button(label, () => turnTo(id, {page: Number(body.dataset.page) + by}));
    body.append(element('p', {class: 'actions'}, field, turn('Newer', -1), turn('Older', 1), element('span', {role: 'status'})), element('div'));
  }
  const found = await fetchJson(`tables/${id}?page=${selection(id).page}&filter=${encodeURIComponent(selection(id).filter)}`);
  const now = JSON.stringify(found);
  if (body.dataset.shown === now) {
    return;
  }
  body.dataset.shown = now;
  body.dataset.page = found.page;
  const [, newer, older, words] = body.firstChild.children;
  newer.disabled = found.page === 1;
  older.disabled = found.page === found.pages;
  newer.hidden = older.hidden = found.pages === 1;
  setText(words, [
    found.found === found.all ? count(found.all, 'row', 'rows') : `${found.found} of ${count(found.all, 'row', 'rows')}`,
    ...found.limited ? ['the table may have more'] : [],
    ...found.pages > 1 ? [`page ${found.page} of ${found.pages}`] : [],
  ].join(', '));
  const order = found.limited ? `newest of the first ${found.all} scanned rows` : 'newest first';
  const shown = table(`Rows of ${id}, ${order}`, found.columns);
  const rows = element('tbody');
  for (const values of found.rows) {
    rows.append(element('tr', {}, ...values.map((value, index) => cell(found.columns[index], value === null ? 'missing' : 'text', ...whole(value ?? '')))));
  }
  shown.append(rows);
  body.lastChild.replaceChildren(found.rows.length === 0 ? element('p', {}, 'No rows here.') : scroll(`Rows of ${id}`, shown));
}

// ---- replays

let hiddenReport;

function hideReport() {
  hiddenReport = byId('report').dataset.time;
  byId('report').hidden = byId('replayed').hidden = true;
}

// Says what became of each message of the last replay.
function showReplay(replay) {
  const report = byId('report');
  report.dataset.time = replay?.time;
  report.hidden = byId('replayed').hidden = !replay || replay.time === hiddenReport;
  if (report.hidden) {
    byId('said').hidden = byId('sentence').textContent === '';
    return;
  }
  byId('said').hidden = false;
  const kinds = {done: 'processed', failed: 'failed again', running: 'not processed yet'};
  const counts = Object.entries(kinds).map(([kind, words]) => [replay.messages.filter((one) => one.kind === kind).length, words])
      .filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  setText(byId('replayed'), `Replay to ${replay.to} at ${time(replay.time)}: ${counts.join(', ')}${replay.more > 0 ? `, ${replay.more} more` : ''}.`);
  keyed(report, replay.messages, (one) => one.id, () => element('li', {}, element('span'), ' ', element('span')), (item, one) => {
    setText(item.firstChild, one.body);
    setText(item.lastChild, one.outcome);
    item.lastChild.className = `kind ${one.kind}`;
  });
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

// A refresh of a table scans all its rows, so changes of the run refresh it at most every 2 s.
const SCAN_PAUSE = 2000;
const scans = new Map();

function refreshTable(details) {
  const {last = 0, planned} = scans.get(details) ?? {};
  if (!planned) {
    scans.set(details, {last, planned: true});
    setTimeout(() => {
      scans.set(details, {last: Date.now()});
      refreshOne(details);
    }, last + SCAN_PAUSE - Date.now());
  }
}

const refresh = () =>
  Promise.all([...opened.keys()].map((details) => (details.id.startsWith('table-') ? refreshTable : refreshOne)(details)));

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
    const first = !run;
    hiddenReport = first ? overview.replay?.time : hiddenReport; // An earlier visit saw it.
    run = overview.run;
    state('live', 'Live');
    showNotices(overview.notices);
    showFunctions(overview.functions);
    showQueues(overview.queues);
    showTables(overview.tables);
    showReplay(overview.replay);
    byId('docs').hidden = !overview.docs;
    byId('docs').href = overview.docs ?? '';
    if (first) {
      openLinked();
    }
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
