// What a person would notice at a glance besides the page itself: what lies over it, open menus, messages, a field with
// the focus. Kinds and numbers only: words are reworded by every redesign, and may be secret.
const OVER = "dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true], [popover]:not([role=menu])";
const MENUS = "[role=menu], [role=listbox]";
const MESSAGES = "[role=alert], [role=status], [role=log], output, [aria-live=polite], [aria-live=assertive]";

function scene() {
  return reading(() => {
    const roots = allRoots();
    const shown = (css) => roots.flatMap((root) => [...allIn(root, css)]).filter(visible);
    return {
      token,
      dialogs: shown(OVER).length,
      menus: shown(MENUS).length,
      messages: shown(MESSAGES).map((el) => digest(textOf(el))).filter(Boolean),
      focus: focusedField(),
    };
  });
}

// A number for a text, 0 for none: whether a message is new can be told without taking it along.
function digest(text) {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) | 0;
  return sum;
}

function focusedField() {
  let at = document.activeElement;
  while (at && shadowOf(at) && shadowOf(at).activeElement) at = shadowOf(at).activeElement;
  return at && at !== document.body && editable(at) ? refOf(at) : 0;
}
