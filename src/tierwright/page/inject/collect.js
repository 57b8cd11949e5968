// Candidates: every element someone could mean, in document order, in one walk (page/candidates.py reads the answer).
const SKIPPED = words("script style noscript template head link meta title base br wbr param source track datalist iframe frame");
const ALWAYS = words(
  "a button input select textarea summary label area h1 h2 h3 h4 h5 h6 img p li td th dt dd caption legend figcaption dialog table " +
    "output progress meter video audio canvas",
);
const OPERATED = words("a button input select textarea summary option");
const UNINTERESTING = words("generic none presentation document rowgroup strong emphasis code term definition paragraph time insertion deletion mark subscript superscript");

function collect() {
  return reading(() => {
    const walk = newWalk();
    const outside = { link: -1, parent: -1, slash: "/", shadow: false, pointer: false, gone: false };
    visit(document.documentElement, 0, outside, walk);
    writeSoles(walk);
    return packed(walk.page);
  });
}

function newWalk() {
  const page = { token, url: location.href, strings: [""], lists: [[]], links: [], candidates: [] };
  return {
    page, strings: new NativeMap(), lists: new NativeMap(), shared: new NativeMap([["", NONE]]), headings: [], counted: [],
    links: 0, candidates: 0, x: scrollX, y: scrollY,
  };
}

// One string crosses to Python much faster than a tree of objects; a page that patched toJSON gets the slow way.
const packed = (value) => (Array.prototype.toJSON || Object.prototype.toJSON || String.prototype.toJSON ? value : stringify(value));

// A page says the same words many times, and numbers cross faster than words: each text crosses once, each list of texts too.
const NONE = 0;

function intern(text, walk) {
  if (text === "") return NONE;
  let index = walk.strings.get(text);
  if (index === undefined) {
    index = walk.page.strings.push(text) - 1;
    walk.strings.set(text, index);
  }
  return index;
}

function internList(texts, walk) {
  if (texts.length === 0) return NONE;
  const numbers = texts.flat().map((text) => intern(text, walk));
  const key = numbers.join();
  let index = walk.lists.get(key);
  if (index === undefined) {
    index = walk.page.lists.push(numbers) - 1;
    walk.lists.set(key, index);
  }
  return index;
}

// The number of a list that is made of something that many elements share.
function internShared(key, listOf, walk) {
  let index = walk.shared.get(key);
  if (index === undefined) {
    index = internList(listOf(key), walk);
    walk.shared.set(key, index);
  }
  return index;
}

function visit(el, nth, around, walk) {
  const tag = tagOf(el);
  if (SKIPPED.has(tag)) return;
  const here = {
    link: writeLink(el, tag, nth, around, walk), parent: around.parent, slash: "/", shadow: around.shadow,
    pointer: false, icon: false, gone: around.gone || notDisplayed(el),
  };
  const leaf = closedSvg(tag) || (!firstElement(el) && !shadowOf(el));
  const always = isAlwaysCandidate(el, tag);
  if (!here.gone && !(leaf && OPERATED.has(tag))) here.pointer = style(el).cursor === "pointer";
  here.icon = leaf && always === undefined && !here.gone && !hasOwnText(el) && isIcon(el, tag, here.pointer);
  if (always ?? (here.icon || isCandidate(el, tag, here.pointer && !around.pointer))) here.parent = writeCandidate(el, tag, here, walk);
  const outer = walk.headings;
  if (/^h[1-6]$/.test(tag) || roleOf(el) === "heading") walk.headings = pushHeading(outer, el);
  if (!leaf) visitChildren(el, here, walk);
  if (outer !== walk.headings && matches(el, SECTIONS)) walk.headings = outer;
}

// Seven numbers of every element: the links that ancestors and XPaths are made of (page/candidates.py).
function writeLink(el, tag, nth, around, walk) {
  walk.page.links.push(
    intern(tag, walk), intern(attr(el, "id") || "", walk), internShared(attr(el, "class") || "", splitClasses, walk),
    intern(explicitRole(el), walk), around.link, intern(around.slash + xpathTest(el), walk), nth,
  );
  return walk.links++;
}

const closedSvg = (tag) => tag === "svg" || tag === "math";

function visitChildren(el, here, walk) {
  const shadow = shadowOf(el);
  if (shadow) {
    const outer = walk.headings;
    walk.headings = [];
    visitAll(shadow, { ...here, slash: "//", shadow: true }, walk);
    walk.headings = outer;
  }
  visitAll(el, here, walk);
}

function visitAll(root, here, walk) {
  const counts = new NativeMap();
  for (let child = firstChild(root); child; child = nextSibling(child)) {
    if (nodeType(child) !== ELEMENT) continue;
    const name = localName(child);
    const index = counts.get(name) || 0;
    counts.set(name, index + 1);
    visit(child, index, here, walk);
  }
}

// Whether its tag alone decides; undefined where more must be asked.
function isAlwaysCandidate(el, tag) {
  if (tag === "input") return inputType(el) !== "hidden";
  if (tag === "html" || tag === "body" || tag === "option" || tag === "optgroup") return tag === "option" && !closestTo(el, "select, datalist");
  return ALWAYS.has(tag) || tag === "svg" || undefined;
}

function isCandidate(el, tag, pointerRoot) {
  if (pointerRoot || hasOwnText(el)) return true;
  if (has(el, "tabindex") || has(el, "onclick") || el.onclick || isEditingRoot(el)) return true;
  const role = roleOf(el);
  if (role && !UNINTERESTING.has(role)) return true;
  return TEST_IDS.some((name) => has(el, name)) || joinsOthers(el, tag);
}

// An inline element around others, outside of any control: it has no text of its own, and shows as one to a person.
const joinsOthers = (el, tag) => INLINE_TAGS.has(tag) && firstElement(el) !== null && !closestTo(el, "a, button, label, summary");

const isEditingRoot = (el) => has(el, "contenteditable") && isEdited(el);

function hasOwnText(el) {
  for (let child = firstChild(el); child; child = nextSibling(child)) if (nodeType(child) === TEXT && /\S/.test(rawText(child))) return true;
  return false;
}

// What only some elements have is told apart by its place in this list, which page/candidates.py has as well.
const EXTRAS = new NativeMap(
  "label placeholder title alt type name_attribute id href_path test_ids aria attributes captions drawn"
    .split(" ").map((name, place) => [name, place]),
);
const VISIBLE = 1;
const DISABLED = 2;
const EDITABLE = 4;
const IN_SHADOW = 8;
const CLICKABLE = 16;

// Twelve numbers of every candidate, four of the box of one that shows, how many extras it has, and two of each.
function writeCandidate(el, tag, here, walk) {
  const { candidates } = walk.page;
  const rect = here.gone ? null : rectOf(el);
  const shown = rect !== null && isShown(el, rect);
  const role = roleOf(el);
  const name = shortName(el);
  const text = ownText(el, tag);
  const clickable = here.pointer || here.icon || has(el, "onclick") || Boolean(el.onclick) || Number(attr(el, "tabindex") ?? -1) >= 0;
  const landmarks = internShared(landmarksOf(el), itself, walk);
  const sole = candidates.push(
    refOf(el), here.link, here.parent, flagsOf(el, shown, here, clickable), internShared(walk.headings, headingTexts, walk), landmarks,
    intern(rowOf(el), walk), intern(role, walk), intern(name, walk), intern(text, walk), internList(neighboursOf(el), walk),
    NONE,
  ) - 1;
  if (shown) candidates.push(tenths(rect.left + walk.x), tenths(rect.top + walk.y), tenths(rect.width), tenths(rect.height));
  writeExtras([...extraFeatures(el, tag), ...hintsOf(el, tag, role, GLYPHS_ONLY.test(text) && (clickable || OPERATED.has(tag)))], walk);
  if (shown && !here.shadow) walk.counted.push({ kinds: ownKinds(el), called: role && name && nameKey(role, name), landmarks, sole });
  return walk.candidates++;
}

// No text, or only characters that a font of icons draws.
const GLYPHS_ONLY = /^[\ue000-\uf8ff\s]*$/;
const itself = (list) => list;
const tenths = (n) => Math.round(n * 10) || 0;

const hintsOf = (el, tag, role, icon) => [
  ["captions", captionsOf(el, tag, role)],
  ["drawn", icon && !CAPTIONED.has(role) ? drawnWords(el) : []],
];

const flagsOf = (el, shown, here, clickable) =>
  (shown ? VISIBLE : 0) | (enabled(el) ? 0 : DISABLED) | (editable(el) ? EDITABLE : 0) | (here.shadow ? IN_SHADOW : 0) |
  (clickable ? CLICKABLE : 0);

function writeExtras(extras, walk) {
  const { candidates } = walk.page;
  const count = candidates.push(0) - 1;
  for (const [key, value] of extras) {
    if (value.length === 0) continue;
    candidates.push(EXTRAS.get(key), typeof value === "string" ? intern(value, walk) : internList(value, walk));
    candidates[count]++;
  }
}

const isShown = (el, rect) => (styleShows(el) ? rect.width > 0 && rect.height > 0 : displayOf(el) === "contents" && contentsShow(el));

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
