"""How fast visualdiff is, beside its peers; never installed, never imported by it."""
