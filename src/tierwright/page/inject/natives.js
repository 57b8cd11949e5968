// Natives, kept before the page can patch them. Read through prototypes, so that <input name="parentNode"> in a
// form does not shadow what the DOM says.
const call = Function.prototype.call;
const unbound = (method) => call.bind(method);
const getter = (proto, name) => unbound(Object.getOwnPropertyDescriptor(proto, name).get);

const attr = unbound(Element.prototype.getAttribute);
const has = unbound(Element.prototype.hasAttribute);
const attributeNames = unbound(Element.prototype.getAttributeNames);
const matches = unbound(Element.prototype.matches);
const closestTo = unbound(Element.prototype.closest);
const rectOf = unbound(Element.prototype.getBoundingClientRect);
const checkVisibility = unbound(Element.prototype.checkVisibility);
const shadowOf = getter(Element.prototype, "shadowRoot");
const slotOf = getter(Element.prototype, "assignedSlot");
const localName = getter(Element.prototype, "localName");
const firstElement = getter(Element.prototype, "firstElementChild");
const nextElement = getter(Element.prototype, "nextElementSibling");
const previousElement = getter(Element.prototype, "previousElementSibling");
const parentNode = getter(Node.prototype, "parentNode");
const parentElement = getter(Node.prototype, "parentElement");
const firstChild = getter(Node.prototype, "firstChild");
const nextSibling = getter(Node.prototype, "nextSibling");
const nodeType = getter(Node.prototype, "nodeType");
const rawText = getter(Node.prototype, "textContent");
const contains = unbound(Node.prototype.contains);
const rootNode = unbound(Node.prototype.getRootNode);
const isConnected = getter(Node.prototype, "isConnected");
const allIn = (root, css) =>
  nodeType(root) === 1 ? queryElement(root, css) : nodeType(root) === 9 ? queryDocument(root, css) : queryFragment(root, css);
const queryElement = unbound(Element.prototype.querySelectorAll);
const queryDocument = unbound(Document.prototype.querySelectorAll);
const queryFragment = unbound(DocumentFragment.prototype.querySelectorAll);
const nativeStyle = window.getComputedStyle.bind(window);
const styleOf = (el, pseudo) => nativeStyle(el, pseudo);
const escapeCss = CSS.escape.bind(CSS);
const stringify = JSON.stringify;
const NativeMap = Map;
const NativeSet = Set;
const NativeWeakMap = WeakMap;
const NativeWeakRef = WeakRef;
const NativeObserver = MutationObserver;
const NativePromise = Promise;
const later = setTimeout.bind(window);
const now = performance.now.bind(performance);

const ELEMENT = 1;
const TEXT = 3;
const tagOf = (el) => localName(el).toLowerCase();
const UNEVEN = /[\u200b\u00ad]|[^\S ]|  |^ | $/;
const squeeze = (text) => (UNEVEN.test(text) ? text.replace(/[\u200b\u00ad]/g, "").replace(/\s+/g, " ").trim() : text);
const parentOrHost = (el) => parentElement(el) || parentNode(el)?.host || null;
const flatParent = (el) => slotOf(el) || parentOrHost(el);

function* childrenOf(node) {
  for (let child = firstChild(node); child; child = nextSibling(child)) yield child;
}

function closestAcross(el, css) {
  for (let at = el; at; at = rootNode(at).host || null) {
    const found = closestTo(at, css);
    if (found) return found;
  }
  return null;
}

function byIds(el, ids) {
  if (!ids) return [];
  const root = rootNode(el);
  if (nodeType(root) === ELEMENT) return [];
  const found = new NativeSet();
  for (const id of ids.split(/[ \t\n\f\r]+/)) {
    const target = id && allIn(root, "#" + escapeCss(id))[0];
    if (target) found.add(target);
  }
  return [...found];
}

// What one reading of the page computed already, one note an element; dropped when the reading ends, for the page lives on.
let memo = null;
let lastAsked = null;
let lastNote = null;

class Note {
  style; display; shown; gone; given; role; name; editing; typed; said; cost; text; beside; landmarks; rows; xpath; index; heads;
}

function reading(work) {
  if (memo) return work();
  memo = new NativeMap();
  try {
    return work();
  } finally {
    memo = lastAsked = lastNote = null;
  }
}

// The note of an element, to read from or to fill: `noteOf(el).role ??= computeRole(el)`. Outside a reading nothing is kept.
function noteOf(el) {
  if (el === lastAsked) return lastNote;
  if (!memo) return new Note();
  let note = memo.get(el);
  if (note === undefined) memo.set(el, (note = new Note()));
  lastAsked = el;
  lastNote = note;
  return note;
}

const style = (el) => (noteOf(el).style ??= styleOf(el));
const displayOf = (el) => (noteOf(el).display ??= style(el).display);
