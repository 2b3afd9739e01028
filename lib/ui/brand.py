"""The desk's sign and name: in the browser's tab and above the pages."""

import streamlit as st

from lib.ui.words import t

#: A sheet's lines and an arrow on their way up, on the ground of `theme.primaryColor`.
_SIGN = (
    '<rect width="32" height="32" rx="8" fill="#0f766e"/>'
    '<path d="M8 10h8M8 16h6M8 22h8" stroke="#fff" stroke-width="2.6" stroke-linecap="round" fill="none"/>'
    '<path d="M22.5 22V10.5m-4 4 4-4 4 4" stroke="#99f6e4" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round" fill="none"/>'
)

ICON = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">{_SIGN}</svg>'

#: The colour of the name by theme: `theme.textColor`.
_INK = {"light": "#0f172a", "dark": "#e2e8f0"}

_FONTS = "'Source Sans 3', 'Source Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"

#: Width of the whole sign with its name, in the units of `ICON`.
_WIDTH = 150


def show() -> None:
    """The sign with the name above the pages; the sign alone where the sidebar is closed."""
    st.logo(_with_name(t("app.name"), _INK[st.context.theme.type or "light"]), size="large", icon_image=ICON)


def _with_name(name: str, ink: str) -> str:
    """name: ours, without any character that means something to XML."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} 32" width="{_WIDTH}" height="32">{_SIGN}'
        f'<text x="42" y="22" font-size="17" font-weight="600" font-family="{_FONTS}" fill="{ink}">{name}</text></svg>'
    )
