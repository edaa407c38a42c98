"""HTTP: parse, call one verb, answer. Nothing is decided here."""
