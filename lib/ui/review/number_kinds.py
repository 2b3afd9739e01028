"""What sorts of numbers the sheet holds, in one line."""

import streamlit as st

from lib.platform.connection import Connection
from lib.ui.words import t
from lib.validation import Review


def line(review: Review, connection: Connection) -> None:
    """How many mobiles, virtual operators, landlines, places abroad … will be sent; nothing for ciphertext."""
    if connection.options.encryption or "phone" not in review.contacts:
        return
    counts = review.number_kinds
    if len(counts):
        told = (
            t("number.kind_count", kind=t(f"number.kind.{kind}"), count=count)
            for kind, count in counts.items()
        )
        st.caption(t("number.kinds", kinds=" · ".join(told)))
