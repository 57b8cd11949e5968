// What opens a hidden element, for page/reach.py. Says only what the page says of itself.
(() => {
  const OPENS = 'summary, [aria-haspopup]:not([aria-haspopup="false"]), [aria-expanded], [aria-controls], [role="tab"]';
  const VISIBLE = { visibilityProperty: true, opacityProperty: true };

  const shown = (el) => el.checkVisibility(VISIBLE) && el.getClientRects().length > 0;
  const expanded = (el) => el.getAttribute("aria-expanded") === "true";
  const leadsAway = (el) => el.matches("a[href]") && !/^(#|javascript:)/.test(el.getAttribute("href"));
  const sendsForm = (el) => el.form && /^(submit|image|reset)$/.test(el.type);
  const disabled = (el) => el.disabled || el.getAttribute("aria-disabled") === "true";
  const opens = (el) => el.matches(OPENS) && !leadsAway(el) && !sendsForm(el) && !disabled(el);

  // The element and what is around it, out of its shadow roots, up to the document.
  function upwards(el) {
    const up = [];
    for (let at = el; at; at = at.parentElement || at.getRootNode().host) up.push(at);
    return up;
  }

  // The first move towards the element that was not tried: [how, on what], or null.
  function opener(el, tried) {
    const up = upwards(el);
    const roots = [...new Set(up.map((at) => at.getRootNode()))];
    const named = (at, attribute) =>
      (at.getAttribute(attribute) || "").split(/\s+/).flatMap((id) => roots.map((r) => id && r.getElementById?.(id))).filter(Boolean);
    const all = (css) => roots.flatMap((root) => [...root.querySelectorAll(css)]);

    const moves = up.flatMap((at) => [...declared(at, all, named), ...beside(at)]);
    const around = up.find(shown);
    if (around && around !== el) moves.push(...within(around, up, named));
    return moves.find(([how, on]) => on && shown(on) && !tried.includes(on) && (how === "hover" || opens(on))) || null;
  }

  // What is bound to a hidden part by HTML or ARIA: its summary, its control, its tab.
  function declared(at, all, named) {
    const moves = [];
    if (at.matches("details:not([open])")) moves.push(["click", at.querySelector(":scope > summary")]);
    for (const control of all("[aria-controls], [aria-owns]")) {
      const bound = named(control, "aria-controls").includes(at) || named(control, "aria-owns").includes(at);
      if (bound && !expanded(control)) moves.push(["click", control]);
    }
    if (at.getAttribute("role") === "tabpanel") {
      for (const tab of named(at, "aria-labelledby")) moves.push(["click", tab]);
    }
    return moves;
  }

  // A closed button right before a hidden part, as in a disclosure or a menu without aria-controls.
  function beside(at) {
    const before = at.previousElementSibling;
    return before && !shown(at) && before.getAttribute("aria-expanded") === "false" ? [["click", before]] : [];
  }

  // The only closed opener near the hidden part that names nothing else; else the mouse over what is around it.
  function within(around, up, named) {
    const closed = [...around.querySelectorAll('[aria-haspopup], [aria-expanded="false"]')].filter(
      (at) => shown(at) && opens(at) && !expanded(at) && !named(at, "aria-controls").length,
    );
    const moves = closed.length === 1 ? [["click", closed[0]]] : [];
    if (!around.matches("body, html")) moves.push(["hover", around]);
    return [...moves, ["hover", up[up.indexOf(around) - 1]?.previousElementSibling]];
  }

  return { opener, opens };
})()
