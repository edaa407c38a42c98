"""The intake: from the first question to the signed, submitted whole."""
