"""Everything that draws, and the only place in `lib` that imports Streamlit."""
