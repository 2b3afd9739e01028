"""The contact-upload desk without its screens: nothing here, outside `lib.ui`, imports Streamlit."""
