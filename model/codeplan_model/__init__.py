"""The model room: everything from source text to a verified edit; knows no editor protocol."""

__version__ = "0.1.0"
