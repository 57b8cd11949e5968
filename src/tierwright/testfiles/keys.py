"""The keys a press step may name, as Playwright spells them."""

from __future__ import annotations

MODIFIERS = {
    "ctrl": "Control",
    "control": "Control",
    "shift": "Shift",
    "alt": "Alt",
    "option": "Alt",
    "meta": "Meta",
    "cmd": "Meta",
    "command": "Meta",
    "windows": "Meta",
    "controlormeta": "ControlOrMeta",
}
KEYS = (
    "Enter Tab Escape Space Backspace Delete Insert Home End PageUp PageDown ArrowUp ArrowDown ArrowLeft ArrowRight "
    "CapsLock ContextMenu F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12"
)
_NAMES = {name.lower(): name for name in KEYS.split()} | {
    "return": "Enter",
    "esc": "Escape",
    "spacebar": "Space",
    "del": "Delete",
    "ins": "Insert",
    "pgup": "PageUp",
    "pgdn": "PageDown",
    "up": "ArrowUp",
    "down": "ArrowDown",
    "left": "ArrowLeft",
    "right": "ArrowRight",
    "uparrow": "ArrowUp",
    "downarrow": "ArrowDown",
    "leftarrow": "ArrowLeft",
    "rightarrow": "ArrowRight",
}
KEY_NAMES = (*KEYS.split(), *dict.fromkeys(MODIFIERS.values()))
"""What errors offer as nearest names."""


def canonical_key(written: str) -> str | None:
    """The key or chord in Playwright's spelling (`ctrl + a` gives `Control+a`); None when it is not a key.

    A text that holds a `{{variable}}` comes back as it is: its value is known when the run starts.
    """
    if "{{" in written:
        return written
    if len(written) == 1 and not written.isspace():
        return written
    plus = written.endswith("++")
    parts = [part.strip() for part in written.removesuffix("++" if plus else "").split("+")]
    parts += ["+"] if plus else []
    modifiers = [MODIFIERS.get(part.lower(), "") for part in parts[:-1]]
    key = _key(parts[-1]) or MODIFIERS.get(parts[-1].lower(), "")
    if not key or not all(modifiers):
        return None
    if len(key) == 1 and modifiers and "Shift" not in modifiers:
        key = key.lower()
    return "+".join((*modifiers, key))


def _key(part: str) -> str:
    if len(part) == 1:
        return part
    return _NAMES.get(part.lower().replace(" ", "").replace("-", ""), "")
