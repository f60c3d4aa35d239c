"""`visualdiff review`: the report on localhost, where accepting and rejecting act at once."""
