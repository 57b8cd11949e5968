// Candidates: every element someone could mean, in document order, in one walk (page/snapshot.py reads the answer).
const SKIPPED = words("script style noscript template head link meta title base br wbr param source track datalist iframe frame");
const ALWAYS = words(
  "a button input select textarea summary label area h1 h2 h3 h4 h5 h6 img p li td th dt dd caption legend figcaption dialog table " +
    "output progress meter video audio canvas",
);
const UNINTERESTING = words("generic none presentation document rowgroup strong emphasis code term definition paragraph time insertion deletion mark subscript superscript");

function collect() {
  return reading(() => {
    const page = { token, url: location.href, strings: [], links: [], candidates: [] };
    const walk = { page, interned: new NativeMap(), headings: [] };
    visit(document.documentElement, { link: -1, parent: -1, shadow: false, pointer: false, gone: false }, walk);
    addSoles(page.candidates);
    return packed(page);
  });
}

// One string crosses to Python much faster than a tree of objects; a page that patched toJSON gets the slow way.
const packed = (value) => (Array.prototype.toJSON || Object.prototype.toJSON || String.prototype.toJSON ? value : stringify(value));

function intern(text, walk) {
  let index = walk.interned.get(text);
  if (index === undefined) {
    index = walk.page.strings.push(text) - 1;
    walk.interned.set(text, index);
  }
  return index;
}

function visit(el, around, walk) {
  const tag = tagOf(el);
  if (SKIPPED.has(tag)) return;
  const here = { ...around, gone: around.gone || !displayed(el) };
  const pointer = !here.gone && style(el).cursor === "pointer";
  here.link = walk.page.links.push([...link(el), around.link, slashOf(el) + xpathStep(el)]) - 1;
  if (isCandidate(el, tag, pointer && !around.pointer)) here.parent = addCandidate(el, here, walk);
  here.pointer = pointer;
  const outer = walk.headings;
  if (/^h[1-6]$/.test(tag) || roleOf(el) === "heading") walk.headings = pushHeading(outer, el);
  if (!closedSvg(tag)) visitChildren(el, here, walk);
  if (matches(el, SECTIONS)) walk.headings = outer;
}

const closedSvg = (tag) => tag === "svg" || tag === "math";
const displayed = (el) => style(el).display !== "none";

function visitChildren(el, here, walk) {
  const shadow = shadowOf(el);
  if (shadow) {
    const outer = walk.headings;
    walk.headings = [];
    visitAll(shadow, { ...here, shadow: true }, walk);
    walk.headings = outer;
  }
  visitAll(el, here, walk);
}

function visitAll(root, here, walk) {
  const counts = new NativeMap();
  for (const child of childrenOf(root)) {
    if (nodeType(child) !== ELEMENT) continue;
    const name = localName(child);
    const index = counts.get(name) || 0;
    counts.set(name, index + 1);
    noteOf(child).index = index;
    visit(child, here, walk);
  }
}

function isCandidate(el, tag, pointerRoot) {
  if (tag === "input") return inputType(el) !== "hidden";
  if (tag === "html" || tag === "body" || tag === "option" || tag === "optgroup") return tag === "option" && !closestTo(el, "select, datalist");
  if (ALWAYS.has(tag) || tag === "svg" || pointerRoot) return true;
  if (has(el, "tabindex") || has(el, "onclick") || el.onclick || isEditingRoot(el)) return true;
  const role = roleOf(el);
  if (role && !UNINTERESTING.has(role)) return true;
  return TEST_IDS.some((name) => has(el, name)) || hasOwnText(el) || joinsOthers(el, tag);
}

// An inline element around others, outside of any control: it has no text of its own, and shows as one to a person.
const joinsOthers = (el, tag) => INLINE_TAGS.has(tag) && firstElement(el) !== null && !closestTo(el, "a, button, label, summary");

const isEditingRoot = (el) => has(el, "contenteditable") && el.isContentEditable;

function hasOwnText(el) {
  for (const child of childrenOf(el)) if (nodeType(child) === TEXT && /\S/.test(rawText(child))) return true;
  return false;
}

function addCandidate(el, here, walk) {
  const rect = here.gone ? null : rectOf(el);
  const made = ownFeatures(el);
  made.ref = refOf(el);
  made.link = here.link;
  made.parent = here.parent;
  made.headings = headingTexts(walk.headings).map((text) => intern(text, walk));
  made.landmarks = landmarksOf(el).map((text) => intern(text, walk));
  made.row = intern(rowOf(el), walk);
  if (rect && isShown(el, rect)) {
    made.visible = true;
    made.box = boxOf(rect);
  }
  if (!enabled(el)) made.disabled = true;
  if (editable(el)) made.editable = true;
  if (here.shadow) made.shadow = true;
  return walk.page.candidates.push(made) - 1;
}

const isShown = (el, rect) => (style(el).display === "contents" ? contentsShow(el) : styleShows(el) && rect.width > 0 && rect.height > 0);

// Numbers for elements, so that Python can name one without holding a handle; they last as long as the element.
const token = Math.random().toString(36).slice(2) + Date.now().toString(36);
const refs = new NativeWeakMap();
const byNumber = new NativeMap();
let lastRef = 0;

function refOf(el) {
  let ref = refs.get(el);
  if (ref === undefined) {
    ref = ++lastRef;
    refs.set(el, ref);
    byNumber.set(ref, new NativeWeakRef(el));
  }
  return ref;
}

function byRef(ref) {
  const el = byNumber.get(ref)?.deref();
  return el && isConnected(el) ? el : null;
}
