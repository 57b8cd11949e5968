// What Python may call. Every answer is plain data; nothing here changes the page or throws into it.
function probe(elements, [limit, withNames]) {
  return reading(() => {
    markLooked();
    const list = [...elements];
    const seen = list.filter((el) => nodeType(el) === ELEMENT && visible(el));
    const first = seen.concat(list.filter((el) => !seen.includes(el))).slice(0, limit);
    return packed({
      count: list.length, visible: seen.length, matches: first.map((el) => probed(el, list.indexOf(el))),
      names: withNames && first.length ? namesIn(document) : [],
    });
  });
}

function probed(el, index) {
  const hidden = whyHidden(el);
  return {
    ...fingerprint(el),
    sole: hidden ? [] : solesOf(el),
    ref: refOf(el),
    index,
    xpath: xpathOf(el),
    why_hidden: hidden,
    enabled: enabled(el),
    editable: editable(el),
    covered_by: hidden ? "" : coveredBy(el),
    connected: isConnected(el),
  };
}

// What locators are built of (page/locators.py): the element and what it stands in, one list a shadow root, outside last.
function anchorsOf(el) {
  return reading(() => {
    const scopes = [];
    for (let at = el; at; at = rootNode(at).host) scopes.push(linksUp(at));
    const labels = [...(el.labels || [])].map((label) => textOf(label)).filter(Boolean);
    return { scopes, xpath: xpathOf(el), name: nameOf(el), text: textOf(el), labels, row: rowAnchors(el) };
  });
}

function linksUp(el) {
  const links = [];
  for (let at = el; at; at = parentElement(at)) {
    links.push({ tag: localName(at), html: at.namespaceURI === XHTML, id: attr(at, "id") || "", name: attr(at, "name") || "",
      step: xpathStep(at), child: childIndex(at), test_ids: pairs(at, TEST_IDS), classes: classesOf(at) });
  }
  for (const name of ["placeholder", "alt", "title", "href"]) links[0][name] = attr(el, name) || "";
  return links;
}

// Follows [hop into the shadow root?, tag, ordinal among its like] from the document, as far as it goes.
function follow(steps) {
  let at = document;
  for (const [hop, name, ordinal] of steps) {
    const inside = hop ? shadowOf(at) : at;
    let left = ordinal;
    const next = inside && [...childrenOf(inside)].find((c) => nodeType(c) === ELEMENT && fullName(c) === name && --left === 0);
    if (!next) return null;
    at = next;
  }
  return at === document ? null : at;
}

const fullName = (el) => el.nodeName.toLowerCase();

// The element's number and those of what is around it, nearest first.
function refsUpFrom(node) {
  const numbers = [];
  for (let at = nodeType(node) === ELEMENT ? node : parentElement(node); at; at = flatParent(at)) numbers.push(refOf(at));
  return numbers;
}

function childIndex(el) {
  let index = 1;
  for (let at = previousElement(el); at; at = previousElement(at)) index++;
  return index;
}

// Texts that tell the element's row from the others: short texts in it that are not the element's own.
function rowAnchors(el) {
  const row = rowsAround(el).el;
  if (!row) return null;
  const texts = [];
  for (const cell of allIn(row, "*")) {
    const text = !contains(el, cell) && !contains(cell, el) && hasOwnText(cell) ? textOf(cell) : "";
    if (text && text.length <= 60 && !texts.includes(text)) texts.push(text);
    if (texts.length === 4) break;
  }
  return { tag: localName(row), texts };
}

const api = Object.freeze({
  document,
  token,
  scene,
  probe,
  collect,
  anchorsOf,
  fingerprint: (el) => reading(() => fingerprint(el)),
  role: (el) => reading(() => roleOf(el)),
  name: (el, typed) => reading(() => nameOf(el, typed)),
  ariaHidden: (el) => reading(() => ariaHidden(el)),
  visible: (el) => reading(() => visible(el)),
  whyHidden: (el) => reading(() => whyHidden(el)),
  enabled: (el) => reading(() => enabled(el)),
  editable: (el) => reading(() => editable(el)),
  coveredBy: (el) => reading(() => coveredBy(el)),
  busy: () => reading(busyWith),
  xpath: (el) => reading(() => xpathOf(el)),
  preview,
  refOf,
  refsUpFrom,
  follow,
  byRef,
  whenQuiet,
  whenChanged,
});
Object.defineProperty(globalThis, KEY, { value: api, enumerable: false, configurable: true, writable: false });
