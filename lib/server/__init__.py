"""The process itself: whom it answers, what it checks of itself, its logs, its health, its practice platform."""
