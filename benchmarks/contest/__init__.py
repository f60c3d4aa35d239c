"""One script for each contestant; each is run as a whole process."""
