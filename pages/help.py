"""Help: how it works, what happens to the person's data, what to do when something goes wrong, what an answer means."""

import streamlit as st

from lib.store.permission import Action
from lib.ui import gate
from lib.ui.about import help as help_texts
from lib.ui.words import t

desk = gate.desk()
# the chosen tab's own colour is too dark on the dark ground; its line tells which it is
how, data, trouble, answers = st.tabs([f":gray[{t(f'help.{name}')}]" for name in help_texts.PARTS])
with how:
    help_texts.how(with_links=desk.may(Action.PREPARE))
with data:
    help_texts.data()
with trouble:
    help_texts.trouble()
with answers:
    help_texts.answers()
