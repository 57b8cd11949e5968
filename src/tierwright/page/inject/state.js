// State: visible, enabled, editable, covered, busy. The words are Playwright's, so that its verdicts and ours agree.
const textRange = document.createRange();

function textHasBox(node) {
  textRange.selectNode(node);
  const rect = textRange.getBoundingClientRect();
  return rect.width > 0 && rect.height > 0;
}

const VISIBILITY_TOO = { visibilityProperty: true };
const showsNow = (el) => checkVisibility(el, VISIBILITY_TOO);

const styleShows = (el) => (noteOf(el).shown ??= showsNow(el));

// Each property of a style costs as much as a whole question: what shows has a box, so it is not asked for its display.
const notDisplayed = (el) => !styleShows(el) && displayOf(el) === "none";
const boxless = (el) => !styleShows(el) && displayOf(el) === "contents";

function visible(el) {
  return whyHidden(el) === "";
}

function whyHidden(el) {
  if (!isConnected(el)) return "detached";
  if (boxless(el)) return contentsShow(el) ? "" : "has no box of its own and shows nothing";
  if (!styleShows(el)) return hiddenBy(el);
  const rect = rectOf(el);
  return rect.width > 0 && rect.height > 0 ? "" : "has no size";
}

function contentsShow(el) {
  for (const child of childrenOf(el)) {
    if (nodeType(child) === ELEMENT ? visible(child) : nodeType(child) === TEXT && textHasBox(child)) return true;
  }
  return false;
}

function hiddenBy(el) {
  for (let at = el; at; at = flatParent(at)) {
    if (displayOf(at) === "none") return at === el ? "display: none" : `inside ${preview(at)}, which is display: none`;
  }
  const how = style(el).visibility;
  return how === "visible" ? "its contents are not rendered" : `visibility: ${how}`;
}

const NATIVE_CONTROLS = new NativeSet(["button", "input", "select", "textarea", "option", "optgroup"]);
const DISABLEABLE = new NativeSet(
  ("application button composite gridcell group input link menuitem scrollbar separator tab checkbox columnheader combobox grid " +
    "listbox menu menubar menuitemcheckbox menuitemradio option radio radiogroup row rowheader searchbox select slider " +
    "spinbutton switch tablist textbox toolbar tree treegrid treeitem").split(" "),
);

function nativelyDisabled(el) {
  const tag = tagOf(el);
  if (!NATIVE_CONTROLS.has(tag)) return false;
  if (has(el, "disabled") || (tag === "option" && closestTo(el, "optgroup[disabled]"))) return true;
  const fieldset = closestTo(el, "fieldset[disabled]");
  if (!fieldset) return false;
  const legend = allIn(fieldset, ":scope > legend")[0];
  return !legend || !contains(legend, el);
}

function ariaDisabled(el) {
  for (let at = el; at; at = parentOrHost(at)) {
    const said = (attr(at, "aria-disabled") || "").toLowerCase();
    if (said === "true" || said === "false") return said === "true";
  }
  return false;
}

const enabled = (el) => !nativelyDisabled(el) && !(DISABLEABLE.has(roleOf(el)) && ariaDisabled(el));

const isEdited = (el) => (noteOf(el).editing ??= Boolean(el.isContentEditable));

const UNTYPED = new NativeSet("button submit reset image checkbox radio file hidden range color".split(" "));

function editable(el) {
  const tag = tagOf(el);
  const field = tag === "textarea" || (tag === "input" && !UNTYPED.has(inputType(el)));
  if (!field && !isEdited(el)) return false;
  return enabled(el) && !(field && has(el, "readonly")) && attr(el, "aria-readonly") !== "true";
}

const inputType = (el) => (tagOf(el) === "input" ? String(el.type).toLowerCase() : "");

// A short picture of an element for messages: <div id="cookie-wall" class="modal">.
function preview(el) {
  const parts = ["id", "class", "role", "aria-label"].filter((n) => attr(el, n)).map((n) => ` ${n}="${attr(el, n).slice(0, 40)}"`);
  return `<${tagOf(el)}${parts.join("")}>`;
}

const inViewport = (x, y) => x >= 0 && y >= 0 && x < window.innerWidth && y < window.innerHeight;

// What would take a click at the element's middle instead of it; "" for nothing, or when it is scrolled off.
function coveredBy(el) {
  const rect = [...el.getClientRects()].find((r) => r.width * r.height > 0.99);
  if (!rect) return "";
  const left = Math.max(rect.left, 0);
  const top = Math.max(rect.top, 0);
  const x = (left + Math.min(rect.right, window.innerWidth)) / 2;
  const y = (top + Math.min(rect.bottom, window.innerHeight)) / 2;
  if (rect.right <= 0 || rect.bottom <= 0 || !inViewport(left, top) || clippedAway(el, x, y)) return "";
  const hit = hitAt(el, x, y);
  if (hit && !reaches(hit, el)) return preview(coverRoot(hit, el));
  return coveredOutside(x, y);
}

// Scrolled out of a box that scrolls: Playwright will bring it into view, so nothing covers it yet.
function clippedAway(el, x, y) {
  for (let at = flatParent(el); at; at = flatParent(at)) {
    const { overflowX, overflowY, position } = style(at);
    if (overflowX !== "visible" || overflowY !== "visible") {
      const box = rectOf(at);
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) return true;
    }
    if (position === "fixed") return false;
  }
  return false;
}

function hitAt(el, x, y) {
  const roots = [];
  for (let root = rootNode(el); ; root = rootNode(root.host)) {
    roots.unshift(root);
    if (!root.host) break;
  }
  let hit = null;
  for (const [depth, root] of roots.entries()) {
    const found = root.elementFromPoint(x, y);
    if (!found) break;
    hit = found;
    if (depth + 1 < roots.length && found !== roots[depth + 1].host) break;
  }
  return hit;
}

function reaches(hit, el) {
  for (let at = hit; at; at = flatParent(at)) {
    if (at === el) return true;
    if (tagOf(at) === "label" && at.control === el) return true;
  }
  return contains(el, hit);
}

// The outermost element around the hit that does not hold the target as well: the dialog, not its heading.
function coverRoot(hit, el) {
  let cover = hit;
  for (let at = hit; at && !reaches(el, at); at = flatParent(at)) cover = at;
  return tagOf(cover) === "body" || tagOf(cover) === "html" ? hit : cover;
}

// In a frame of the same origin the page around it may lie on top; other origins only Playwright can ask.
function coveredOutside(x, y) {
  let view = window;
  try {
    while (view.frameElement) {
      const owner = view.frameElement;
      const box = owner.getBoundingClientRect();
      x += box.left + owner.clientLeft;
      y += box.top + owner.clientTop;
      view = view.parent;
      const hit = owner.getRootNode().elementFromPoint(x, y);
      if (hit && hit !== owner && !hit.contains(owner)) return preview(hit);
    }
  } catch {
    return "";
  }
  return "";
}

// Busy: what says "wait" in words of the platform, never in words of one site.
const BUSY = '[aria-busy="true" i], [role="progressbar" i]:not([aria-valuenow]), progress:not([value])';
const BUSY_WORD = /(^|[-_\s])(spinner|spinning|loader|loading|skeleton|shimmer|busy)($|[-_\s])/i;

function busyWith() {
  for (const root of allRoots()) {
    for (const el of allIn(root, BUSY)) if (onScreen(el)) return preview(el);
    const spinner = spinnerIn(root);
    if (spinner) return preview(spinner);
  }
  return "";
}

const onScreen = (el) => visible(el) && Number(style(el).opacity) > 0;

function spinnerIn(root) {
  for (const animation of root.getAnimations?.() || []) {
    const effect = animation.effect;
    const el = effect?.target;
    if (!el || animation.playState !== "running" || effect.getTiming().iterations !== Infinity) continue;
    if (saysBusy(el, animation.animationName || "") && onScreen(el)) return el;
  }
  return null;
}

function saysBusy(el, animationName) {
  if (BUSY_WORD.test(animationName)) return true;
  for (let at = el, up = 0; at && up < 3; at = flatParent(at), up++) {
    if (["class", "id", "aria-label", "data-state"].some((n) => BUSY_WORD.test(attr(at, n) || ""))) return true;
  }
  return false;
}

function allRoots() {
  const roots = [document];
  for (let i = 0; i < roots.length; i++) {
    for (const el of allIn(roots[i], "*")) {
      const shadow = shadowOf(el);
      if (shadow) roots.push(shadow);
    }
  }
  return roots;
}
