// Change: when the document was last changed, from the moment this module was installed (page/settle.py).
const FLICKER_PER_SECOND = 5;
const WATCHED = { subtree: true, childList: true, attributes: true, characterData: true };
let lastChange = now();
let changes = 0;
let changesLooked = -1;
const wakeups = new NativeSet();
const watchedRoots = new NativeWeakMap();
const flickers = new NativeWeakMap();

const observer = new NativeObserver((records) => noteChanges(records));

function noteChanges(records) {
  const real = records.filter((record) => record.type !== "attributes" || !isAnimation(record.target));
  if (!real.length) return;
  lastChange = now();
  changes++;
  for (const wake of [...wakeups]) wake();
}

// An attribute of one element that changes many times a second is an animation, and says nothing about loading.
function isAnimation(target) {
  const seen = flickers.get(target);
  if (!seen || now() - seen.since > 1000) {
    flickers.set(target, { since: now(), count: 1 });
    return false;
  }
  return ++seen.count > FLICKER_PER_SECOND;
}

function watchRoots() {
  for (const root of allRoots()) {
    if (watchedRoots.has(root)) continue;
    watchedRoots.set(root, true);
    observer.observe(root, WATCHED);
  }
  noteChanges(observer.takeRecords());
}

// Resolves when nothing changed for `quietMs`, counting from `sinceMs` ago at the earliest; then says what is still on.
function whenQuiet({ quietMs, sinceMs, timeoutMs }) {
  const start = now();
  const floor = start - sinceMs;
  return new NativePromise((resolve) => {
    const look = () => {
      watchRoots();
      const wait = Math.max(lastChange, floor) + quietMs - now();
      const loading = document.readyState === "complete" ? "" : "the document is loading";
      const why = loading || (wait > 0 ? "the page keeps changing" : reading(busyWith));
      const late = now() - start >= timeoutMs;
      if (!why || late) resolve(why && !loading && wait <= 0 ? `busy: ${why}` : why);
      else later(look, Math.max(1, Math.min(wait > 0 ? wait : 25, start + timeoutMs - now())));
    };
    look();
  });
}

// Resolves true at the next change, at once if something changed since the last probe here; false when time is up.
function whenChanged({ timeoutMs }) {
  watchRoots();
  return new NativePromise((resolve) => {
    const end = (changed) => {
      wakeups.delete(wake);
      changesLooked = changes;
      resolve(changed);
    };
    const wake = () => end(true);
    if (changes !== changesLooked) return end(true);
    wakeups.add(wake);
    later(() => end(false), timeoutMs);
  });
}

function markLooked() {
  noteChanges(observer.takeRecords());
  changesLooked = changes;
}

observer.observe(document, WATCHED);
watchedRoots.set(document, true);
