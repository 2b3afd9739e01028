"""The words of the app, one package a language, one module an area."""
