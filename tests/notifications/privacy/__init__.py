"""A clinic in which every private field can be told from every other, everything it says, and a search through that."""
